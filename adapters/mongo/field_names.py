"""Any text as a field's name, such as a user's id in a goal's breakdown.

MongoDB takes a dot for a path, a dollar for an operator, and no NUL at all. Those are written as in a URL, and so is
the percent sign; a name of ObjectId digits, which the platform's are, stays as it is.
"""

from __future__ import annotations

from urllib.parse import unquote

_EMPTY = "%"  # no other text is written like this
_ESCAPED = str.maketrans({character: f"%{ord(character):02X}" for character in "%.$\0"})


def field_name(text: str) -> str:
    return text.translate(_ESCAPED) or _EMPTY


def field_text(name: str) -> str:
    return "" if name == _EMPTY else unquote(name)
