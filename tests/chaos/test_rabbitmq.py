"""RabbitMQ is killed, hangs, and is short of memory, while requests and tasks run (D19, D27)."""

from __future__ import annotations

from ..black_box.platform import Platform
from ..servers import RabbitServer
from .crowd import Crowd
from .faults import hung, in_memory_alarm, killed
from .measure import Measure
from .scenario import ride_out


def test_killed(platform: Platform, rabbitmq: RabbitServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "RabbitMQ: kill -9, started again", killed(rabbitmq), measure, within=30)


def test_black_hole(platform: Platform, rabbitmq: RabbitServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "RabbitMQ: hangs (SIGSTOP)", hung(rabbitmq), measure, within=30)


def test_memory_alarm(platform: Platform, rabbitmq: RabbitServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "RabbitMQ: memory alarm", in_memory_alarm(rabbitmq), measure, within=30)
