"""Messages that wait on Redis: a list that nobody consumes, and a sorted set of what came in there, by due time.

Every worker looks into them several times a second, and moves what is due into its queue. A move is one step, so a
message is in exactly one of them at any time.
"""

from __future__ import annotations

from time import time
from typing import Any

from redis import Redis

from .publishing import DUE, QUEUE
from .settings import CelerySettings

AT_ONCE = 500
"""Messages moved in one step. Redis does nothing else meanwhile."""

# Redis' own name for a message's queue is what kombu delivers it to: it pushes to the left and takes from the right.
_MOVE = f"""
local incoming, waiting, prefix, now, limit = KEYS[1], KEYS[2], ARGV[1], ARGV[2], tonumber(ARGV[3])
for _ = 1, limit do
    local message = redis.call('RPOP', incoming)
    if not message then break end
    redis.call('ZADD', waiting, cjson.decode(message)['headers']['{DUE}'], message)
end
local due = redis.call('ZRANGEBYSCORE', waiting, '-inf', now, 'LIMIT', 0, limit)
for _, message in ipairs(due) do
    redis.call('LPUSH', prefix .. cjson.decode(message)['headers']['{QUEUE}'], message)
    redis.call('ZREM', waiting, message)
end
return #due
"""


def deliver_due(connection: Any, settings: CelerySettings) -> int:
    """Move what is due into its queue. Returns how many messages."""
    prefix = connection.transport_options.get("global_keyprefix", "")
    redis = Redis(connection_pool=connection.default_channel.client.connection_pool)
    keys = [f"{prefix}{settings.delay_queue}", f"{prefix}{settings.delay_queue}.waiting"]
    return int(redis.eval(_MOVE, len(keys), *keys, prefix, time(), AT_ONCE))
