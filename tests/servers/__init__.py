"""Real servers for the tests, on free ports of 127.0.0.1."""

from .cluster import Servers, running_servers
from .mongod import MongoServer
from .process import ServerError, wait_until
from .pusher import PusherServer
from .rabbitmq import RabbitServer
from .redis import RedisServer
from .server import ProgramMissing, Server
from .subscriber import Event, PusherSubscriber

__all__ = [
    "Event",
    "MongoServer",
    "ProgramMissing",
    "PusherServer",
    "PusherSubscriber",
    "RabbitServer",
    "RedisServer",
    "Server",
    "ServerError",
    "Servers",
    "running_servers",
    "wait_until",
]
