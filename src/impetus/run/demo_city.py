"""The demonstration's city as parts of their own: its broker (`broker`) and its simulated devices (`city`)."""

import asyncio

from impetus.demo.broker import serve_broker
from impetus.demo.city_systems import DEVICE_USER, FOLDER, City, serve_city
from impetus.run.heartbeat import Heart
from impetus.settings import Settings


def run_broker(settings: Settings, heart: Heart) -> None:
    """Be the broker until told to stop."""
    asyncio.run(serve_broker(settings.home, heart.stopping.is_set, lambda: heart.beat(note="simulated city")))


def run_city(settings: Settings, heart: Heart) -> None:
    """Be the devices until told to stop."""
    folder = settings.home / FOLDER
    port = int((folder / "port").read_text(encoding="ascii"))
    password = (folder / f"{DEVICE_USER}.password").read_text(encoding="ascii")
    city = City()

    def is_over() -> bool:
        shown = sum(bool(face.key) for face in city.faces.values())
        heart.beat(note=f"simulated city, {shown} of {len(city.faces)} show something")
        return heart.stopping.is_set()

    asyncio.run(serve_city(city, "127.0.0.1", port, password, is_over))
