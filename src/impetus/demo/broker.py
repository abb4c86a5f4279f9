"""The demonstration's MQTT broker: on this machine only, and nobody without this start's password.

Written around amqtt. Whoever names no user, one that is not known, or a wrong password is turned away; each user may only
publish and read what is theirs. `tests/demo/test_broker.py` tries each of these on the running broker.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from amqtt.broker import Broker

from impetus.demo.city_systems import DEVICE_USER, FOLDER, PLATFORM_USER, TOPIC

LOOK_S = 0.25
MOST_CONNECTIONS = 32


def broker_settings(users: Path, port: int) -> dict[str, Any]:
    """Return the broker's settings: loopback, the password file, and who may say what."""
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}", "max_connections": MOST_CONNECTIONS}},
        "plugins": {
            "amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(users)},
            "amqtt.plugins.topic_checking.TopicAccessControlListPlugin": {
                "publish_acl": {PLATFORM_USER: [f"{TOPIC}/+/set"], DEVICE_USER: [f"{TOPIC}/+/state"]},
                "acl": {PLATFORM_USER: [f"{TOPIC}/+/state"], DEVICE_USER: [f"{TOPIC}/+/set"]},
            },
        },
    }


async def serve_broker(home: Path, is_over: Callable[[], bool], beat: Callable[[], None]) -> None:
    """Be the broker until told to stop."""
    logging.getLogger("amqtt").setLevel(logging.WARNING)
    logging.getLogger("transitions").setLevel(logging.WARNING)
    port = int((home / FOLDER / "port").read_text(encoding="ascii"))
    broker = Broker(broker_settings(home / FOLDER / "users", port))
    await broker.start()
    try:
        while not is_over():
            beat()
            await asyncio.sleep(LOOK_S)
    finally:
        await broker.shutdown()
