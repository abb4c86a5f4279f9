"""An installation whose register is signed as an exercise and whose log is kept, for tests of the pages about ethics."""

from dataclasses import replace
from pathlib import Path

from impetus.adapters.bus_journal import BusJournal
from impetus.adapters.record_codec import decode_record
from impetus.core.actor import Actor, Role, console
from impetus.core.ids import ToolId
from impetus.demo.exercise_register import make_exercise
from impetus.desk.context import Desk
from impetus.desk.keep_log import LogWriter
from impetus.run.tools import find_tool
from impetus.settings import Settings
from impetus.testing.desk import memory_desk
from impetus.testing.register import clear
from impetus.web.app import create_app
from town import NOW, Town

KEEPER = Actor(name="platform:log", role=Role.PLATFORM)
TOOLS = ("urban_anomaly", "fusion")


def logged(desk: Desk) -> Desk:
    """Return the desk with a journal that goes over its bus into its log, as in an installation."""
    return replace(desk, journal=BusJournal(desk.bus))


def writer_of(desk: Desk, origin: str = "testby.example/log") -> LogWriter:
    """Return the one who keeps the log of a desk."""
    return LogWriter(desk, KEEPER, origin=origin, decode=decode_record)


def keep(desk: Desk, origin: str = "testby.example/log") -> LogWriter:
    """Bring everything that was done so far into the log, under a signed checkpoint."""
    desk.tally.write_all(desk.journal, desk.clock.now())
    writer = writer_of(desk, origin)
    while writer.take():
        pass
    writer.seal()
    return writer


def register(desk: Desk, *officers: str) -> None:
    """Sign the register as an exercise, with these accounts named as officers of it."""
    clear(desk, *(find_tool(ToolId(tool)) for tool in TOOLS))
    sign_exercise(desk, *officers)


def sign_exercise(desk: Desk, *officers: str) -> None:
    """Sign what is configured as an exercise, with these accounts named as officers of it."""
    with desk.store.read() as unit:
        accounts = [account for name in officers if (account := unit.accounts.by_name(name))]
    make_exercise(desk, console(), accounts)


def open_ethics_town(home: Path) -> Town:
    """Return an installation at 13:07:32 whose log is kept; call `register` once its people are there."""
    settings = Settings(home=home, site="Testby", simulated=True)
    desk = logged(memory_desk(NOW))
    return Town(desk=desk, settings=settings, app=create_app(desk, settings))
