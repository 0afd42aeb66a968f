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

# kombu pushes to the left and takes from the right. What says neither when nor where would be in everybody's way.
_MOVE = f"""
local incoming, waiting, dead = KEYS[1], KEYS[2], KEYS[3]
local prefix, now, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local function header(message, name)
    local read, value = pcall(function() return cjson.decode(message)['headers'][name] end)
    return read and value
end
for _ = 1, limit do
    local message = redis.call('RPOP', incoming)
    if not message then break end
    local due = tonumber(header(message, '{DUE}'))
    if due and header(message, '{QUEUE}') then
        redis.call('ZADD', waiting, due, message)
    else
        redis.call('LPUSH', dead, message)
    end
end
local due = redis.call('ZRANGEBYSCORE', waiting, '-inf', now, 'LIMIT', 0, limit)
for _, message in ipairs(due) do
    redis.call('LPUSH', prefix .. header(message, '{QUEUE}'), message)
    redis.call('ZREM', waiting, message)
end
return #due
"""


def deliver_due(connection: Any, settings: CelerySettings) -> int:
    """Move what is due into its queue. Returns how many messages."""
    prefix = connection.transport_options.get("global_keyprefix", "")
    redis = Redis(connection_pool=connection.default_channel.client.connection_pool)
    names = settings.delay_queue, f"{settings.delay_queue}.waiting", settings.dead_queue
    keys = [f"{prefix}{name}" for name in names]
    return int(redis.eval(_MOVE, len(keys), *keys, prefix, time(), AT_ONCE))
