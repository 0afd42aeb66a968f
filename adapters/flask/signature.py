"""Is a body really the wallet's? ``X-Wallet-Signature: sha256=<hex HMAC-SHA256 over the raw body>``."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

from flask import Request

from .body import BodyRefused, read_bytes

HEADER = "X-Wallet-Signature"
MAX_BYTES = 65_536
_FORM = re.compile(r"sha256=([0-9a-f]{64})", re.IGNORECASE | re.ASCII)


class BadSignature(BodyRefused):
    """Missing, malformed, not by any of our keys, or we have none."""

    code = reason = "bad_signature"


def read_signed(request: Request, keys: Sequence[str]) -> bytes:
    """The body, once its signature is found right by one of the keys.

    Without a well-formed signature, or without a key, nothing is read. What is too large is read up to ``MAX_BYTES``
    and no signature computed. Every key is compared, in constant time. Raises BadSignature, BodyTooLarge.
    """
    signature = _FORM.fullmatch(request.headers.get(HEADER, ""))
    if signature is None or not keys:
        raise BadSignature
    body = read_bytes(request, MAX_BYTES)
    given = signature[1].lower()
    matches = [hmac.compare_digest(hmac.digest(key.encode(), body, "sha256").hex(), given) for key in keys]
    if not any(matches):
        raise BadSignature
    return body
