"""The ingest as a child process: the door for readings over HTTP, and over MQTT when a broker is configured."""

import asyncio
import socket
from typing import Final

from impetus.adapters.broker import read_broker
from impetus.adapters.mqtt import Subscription
from impetus.core.actor import Actor, Role
from impetus.core.admission import Limits
from impetus.core.observation import US_PER_S
from impetus.desk.ingest import Intake
from impetus.run.heartbeat import Heart
from impetus.run.listening import Server, configured, listen
from impetus.settings import Settings
from impetus.web.ingest.app import create_ingest_app
from impetus.web.ingest.deposit import deposit
from impetus.wiring import open_desk

BEAT_S: Final = 1.0
DAY_US: Final = 86_400 * US_PER_S


def run(settings: Settings, heart: Heart) -> None:
    """Take readings until told to stop; what waits then is made durable first."""
    desk = open_desk(settings)
    intake = Intake(desk, limits_of(settings))
    subscription = _subscription(settings, intake)
    intake.start()
    try:
        config = configured(create_ingest_app(desk, settings, intake))
        with (
            listen(*settings.ingest_address) as door,
            asyncio.Runner(loop_factory=config.get_loop_factory()) as runner,
        ):
            runner.run(_serve(Server(config), door, intake, subscription, heart))
    finally:
        intake.close()
        desk.close()


def limits_of(settings: Settings) -> Limits:
    """Return the rules' limits as configured."""
    retention_us = settings.observations_days * DAY_US
    return Limits(
        late_us=round(settings.late_s * US_PER_S),
        future_us=round(settings.future_s * US_PER_S),
        default_retention_us=retention_us,
        retention_us={"observations": retention_us},
    )


def sender_of(source: str) -> Actor:
    """Return the actor of a source whose messages the broker let through: it may send, nothing else."""
    operations = frozenset({"observations.write"})
    return Actor(name=f"mqtt:{source}", role=Role.SERVICE, operations=operations, source=source)


def _subscription(settings: Settings, intake: Intake) -> Subscription | None:
    """Return the subscription when a broker is configured."""
    if not settings.mqtt_url:
        return None

    async def deliver(source: str, media: str, body: bytes) -> None:
        await deposit(intake, sender_of(source), media, body)

    return Subscription(read_broker(settings.mqtt_url), deliver)


async def _serve(
    server: Server, door: socket.socket, intake: Intake, subscription: Subscription | None, heart: Heart
) -> None:
    """Run the server, the subscription and the heartbeat beside each other until one says stop."""
    serving = asyncio.create_task(server.serve(sockets=[door]))
    stopping = asyncio.create_task(asyncio.to_thread(heart.stopping.wait))
    aside = [asyncio.create_task(_beat(intake, subscription, heart))]
    if subscription is not None:
        aside.append(asyncio.create_task(subscription.run()))
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        for task in aside:
            task.cancel()
        heart.stopping.set()
        await asyncio.gather(stopping, *aside, return_exceptions=True)


async def _beat(intake: Intake, subscription: Subscription | None, heart: Heart) -> None:
    """Say once a second how many readings were taken and what the board should know."""
    before = intake.status().taken
    while True:
        status = intake.status()
        dropped = status.not_kept + (subscription.status.dropped if subscription else 0)
        notes = [subscription.status.note()] if subscription else []
        if status.failing_since is not None:
            notes.insert(0, f"no room since {status.failing_since:%H:%M:%S}: readings are not taken")
        heart.beat(
            rate_per_s=(status.taken - before) / BEAT_S, lag=status.waiting, dropped=dropped, note="; ".join(notes)
        )
        before = status.taken
        await asyncio.sleep(BEAT_S)
