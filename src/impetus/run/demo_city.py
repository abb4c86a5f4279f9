"""The demonstration's city as parts of their own: its broker (`broker`) and its simulated devices (`city`)."""

import asyncio
import time

from impetus.demo.broker import serve_broker
from impetus.demo.city_systems import DEVICE_USER, FOLDER, City, serve_city
from impetus.demo.trams import FOLDER as TRAMS
from impetus.demo.trams import TramWriter
from impetus.run.heartbeat import Heart
from impetus.run.simulator import speed_of
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
    trams = TramWriter(home=settings.home, now_s=time.time, speed=speed_of(settings))
    is_with_trams = (settings.home / TRAMS).is_dir()

    def is_over() -> bool:
        if is_with_trams:
            trams.write_due()
        shown = sum(bool(face.key) for face in city.faces.values())
        heart.beat(note=f"simulated city, {shown} of {len(city.faces)} show something")
        return heart.stopping.is_set()

    asyncio.run(serve_city(city, "127.0.0.1", port, password, is_over))
