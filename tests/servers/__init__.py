"""Real servers for the tests, on free ports of 127.0.0.1."""

from .cluster import ALL_BROKERS, BROKERS, OTHER_BROKERS, Servers, running_server, running_servers
from .mongod import MongoServer
from .process import ServerError, wait_until
from .pusher import PusherServer
from .rabbitmq import OtherRabbitServer, RabbitServer
from .redis import OtherRedisServer, RedisServer
from .server import ProgramMissing, Server
from .subscriber import Event, PusherSubscriber

__all__ = [
    "ALL_BROKERS",
    "BROKERS",
    "OTHER_BROKERS",
    "Event",
    "MongoServer",
    "OtherRabbitServer",
    "OtherRedisServer",
    "ProgramMissing",
    "PusherServer",
    "PusherSubscriber",
    "RabbitServer",
    "RedisServer",
    "Server",
    "ServerError",
    "Servers",
    "running_server",
    "running_servers",
    "wait_until",
]
