"""The seeded square as those who oversee it find it: a signed register, a month of the log, reveals, a hold, a run."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ethics_town import keep, logged, sign_exercise
from impetus.core.access import Category, Purpose
from impetus.core.actor import Actor, Role
from impetus.core.ids import IncidentId
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.desk import accounts, holds, reveals, stops
from impetus.desk.context import Desk
from impetus.desk.sweep import sweep
from impetus.settings import SETTINGS_FILE, keep_of
from impetus.wiring import open_configuration
from screens.seat import PASSWORD
from screens.seeded import CONSOLE, START, RunningClock, Seeded, person, seeded, work

PEOPLE = (
    ("Kari", Role.OPERATOR),
    ("Ola", Role.OPERATOR),
    ("Sigrid", Role.SUPERVISOR),
    ("Dag", Role.DPO),
)
ACCESSES_A_DAY = (5, 3, 7, 4, 9, 6, 4, 7, 11, 5, 4, 6, 5, 8, 6, 5, 11, 7, 4, 5, 6, 58, 3, 5, 6, 4, 7, 5, 3)
CAMERA = "camera:c14"
SETTINGS = 'site = "Oslo · City Hall Square"\ntimezone = "Europe/Oslo"\nsimulated = true\n'


def overseen(home: Path) -> Seeded:
    """Return the square with its people, and everything the console of ethics has a panel for."""
    town = seeded(home)
    (home / SETTINGS_FILE).write_text(SETTINGS, encoding="utf-8")
    town = replace(town, desk=replace(logged(town.desk), configuration=open_configuration(town.settings)))
    for name, role in PEOPLE:
        person(town.desk, name, role, PASSWORD)
    sign_exercise(town.desk, "Dag")
    _month(town.desk)
    work(town)
    _reveal(town.desk)
    dag = actor(town.desk, "Dag")
    until = START + timedelta(days=18)
    holds.place(town.desk, dag, "incident:1", until, "Claim 31: the ferry line asks for the evening of 21 November")
    sweep(town.desk, Actor(name="platform:keeper", role=Role.PLATFORM), keep_of(town.settings))
    keep(town.desk, origin="square.example/log")
    return town


def actor(desk: Desk, name: str) -> Actor:
    """Return a person who has an account."""
    account = next(one for one in accounts.everyone(desk, CONSOLE) if one.name == name)
    return Actor(name=name, role=account.role, account=account.id)


def _month(desk: Desk) -> None:
    """Write what a month of looking at masked cameras leaves in the log."""
    lines = []
    for back, count in enumerate(reversed(ACCESSES_A_DAY), 1):
        at = START - timedelta(days=back)
        lines += [
            LogRecord(
                at=at + timedelta(minutes=7 * number),
                who="Kari" if number % 2 else "Ola",
                role="operator",
                act="media.read",
                outcome=Outcome.PERMITTED,
                processing=Processing.CONSULTATION,
                subject=CAMERA,
                purpose=Purpose.INCIDENT_RESPONSE,
                category=Category.IMAGE_MASKED,
                case="1",
            )
            for number in range(count)
        ]
    desk.journal.write(sorted(lines, key=lambda line: line.at))


def _reveal(desk: Desk) -> None:
    """Let Kari ask, Sigrid approve and Kari look for some minutes; a second request waits."""
    kari, sigrid, clock = actor(desk, "Kari"), actor(desk, "Sigrid"), desk.clock
    assert isinstance(clock, RunningClock)
    clock.move(timedelta(minutes=-19))
    asked = reveals.ask(desk, kari, CAMERA, IncidentId(1), why="Somebody lies at the north steps", minutes=10)
    clock.move(timedelta(minutes=1, seconds=12))
    reveals.approve(desk, sigrid, asked.id)
    reveals.open_(desk, kari, asked.id)
    clock.move(timedelta(minutes=6))
    reveals.close(desk, kari, asked.id, why="a person had sat down")
    clock.move(timedelta(minutes=11, seconds=48))
    reveals.ask(desk, actor(desk, "Ola"), CAMERA, IncidentId(1), why="Who carries the bag", minutes=5)


def stopped(town: Seeded) -> None:
    """Let the supervisor stop a tool."""
    stops.stop(town.desk, actor(town.desk, "Sigrid"), "tool:fusion", why="the map was redrawn")
