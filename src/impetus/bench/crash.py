"""Kill any process at random moments under load, and count what was lost and what came twice.

One installation, its supervisor and its parts; a feeder, a publisher of findings and a screen beside it. Each round kills
one of the processes with SIGKILL, the supervisor included, and goes on after a moment. At the end everything that was
promised is looked for: each acknowledged reading in the history exactly once, each published finding in exactly one alert,
no event and no version of an alert on the screen twice.

The supervisor runs with an endless patience for failures, since a hundred ends in three minutes are the purpose here.
"""

import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil

from impetus.bench.installation import clear_tools, free_port, wait_until_up, write_settings
from impetus.bench.load import TOOL, Feeder, Finder, Screen
from impetus.core.actor import console
from impetus.core.errors import OurFault
from impetus.core.ids import DatastreamId, SourceId
from impetus.core.observation import from_us
from impetus.desk import tokens
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.declare_source import declare, read_document
from impetus.ports import AlertQuery, Change, Unit
from impetus.run.restarts import Pace
from impetus.run.start import supervise
from impetus.settings import Settings, read_settings
from impetus.wiring import open_desk

Progress = Callable[[str], None]
ROUNDS = 100
DATASTREAMS = 40
SEED = 20
SHORTEST_S, LONGEST_S = 0.3, 1.6
"""Seconds between one kill and the next, by chance. House rule: shorter and longer than a part needs to be back."""
SUPERVISOR_EVERY = 10
SETTLE_LIMIT_S = 120.0
UNSHOWN_AT_MOST = 2
"""Changes the screen may be behind at the end: rows of the board go on changing, and not all are for every eye."""
CHILD_LIMIT_S, LOOK_EVERY_S = 60.0, 0.1
PATIENT = Pace(first_s=0.1, most_s=0.3, failures=1_000_000)
EVERYTHING = 100_000_000
WATCHING = ("events.read", "alerts.read", "parts.read", "sources.read", "incidents.read")


@dataclass(slots=True, kw_only=True)
class Victims:
    """The supervisor and its children, and who was killed how often."""

    settings: Settings
    supervisor: subprocess.Popen[bytes]
    chance: random.Random
    killed: Counter[str] = field(default_factory=Counter)

    def kill_one(self, number: int) -> str:
        """Kill one process by chance, every tenth time the supervisor, which is started again at once."""
        if number % SUPERVISOR_EVERY == SUPERVISOR_EVERY - 1:
            self.supervisor.kill()
            self.supervisor.wait()
            self.supervisor = start_supervisor(self.settings)
            return self._count("supervisor")
        for _ in range(round(CHILD_LIMIT_S / LOOK_EVERY_S)):
            with suppress(psutil.NoSuchProcess, IndexError):
                victim = self.chance.choice(psutil.Process(self.supervisor.pid).children())
                role = _role(victim)
                victim.kill()
                return self._count(role)
            time.sleep(LOOK_EVERY_S)
        raise OurFault("the supervisor starts no children", limit=f"{CHILD_LIMIT_S:g} s", remedy="read the home's log/")

    def _count(self, role: str) -> str:
        self.killed[role] += 1
        return role


def _role(process: psutil.Process) -> str:
    words = process.cmdline()
    return words[words.index("impetus.run.child") + 1] if "impetus.run.child" in words else "starting"


def start_supervisor(settings: Settings) -> subprocess.Popen[bytes]:
    """Start this module as a supervisor of the home."""
    command = [sys.executable, "-m", "impetus.bench.crash", str(settings.home)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def declaration() -> dict[str, object]:
    """Return the declaration of the trial source."""
    stream = {"property": "count", "unit": "1", "lowest": 0, "highest": 1e6, "cadence_s": 1.0}
    things = [{"key": f"t{number}", "datastreams": [stream]} for number in range(DATASTREAMS)]
    return {"source": {"id": "trial", "kind": "bench", "simulated": True}, "things": things}


def run(progress: Progress, *, rounds: int = ROUNDS) -> dict[str, object]:
    """Kill for so many rounds and return the counts; all that end in `lost`, `doubled` or `twice` should be 0."""
    with tempfile.TemporaryDirectory(prefix="impetus-crash-") as folder:
        settings = write_settings(Path(folder), port=free_port(), exercise=True)
        clear_tools(settings)
        desk = open_desk(settings)
        ids = [int(item.id) for item in declare(desk, console(), read_document(declaration()))]
        _, sending = tokens.issue(desk, console(), "trial-feed", ["observations.write"], SourceId("trial"))
        _, reading = tokens.issue(desk, console(), "trial-screen", WATCHING)
        feeder = Feeder(settings=settings, token=sending, ids=ids)
        finder = Finder(bus=desk.bus, codec=desk.codec)
        screen = Screen(settings=settings, token=reading)
        victims = Victims(settings=settings, supervisor=start_supervisor(settings), chance=random.Random(SEED))
        try:
            wait_until_up(settings.host, settings.port)
            wait_until_up(*settings.ingest_address)
            threads = _start([feeder, finder, screen])
            _kill_rounds(victims, rounds, progress)
            for each in (feeder, finder):
                each.stop.set()
            _join(threads[:2])
            settled_s = _settle(desk, screen, progress)
            screen.stop.set()
            _join(threads[2:])
        finally:
            victims.supervisor.send_signal(signal.SIGTERM)
            victims.supervisor.wait()
        figures = {"rounds": rounds, "killed": dict(victims.killed), "settled_s": round(settled_s, 1)}
        return figures | readings_kept(desk, feeder) | findings_kept(desk, finder) | shown(desk, screen)


def _start(works: Sequence[Feeder | Finder | Screen]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work.run, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    return threads


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join(SETTLE_LIMIT_S)
        if thread.is_alive():
            raise OurFault("the load did not come to its end", limit=f"{SETTLE_LIMIT_S:g} s")


def _kill_rounds(victims: Victims, rounds: int, progress: Progress) -> None:
    """Kill, wait a random moment, kill again."""
    for number in range(rounds):
        time.sleep(victims.chance.uniform(SHORTEST_S, LONGEST_S))
        progress(f"round {number + 1} of {rounds}: killed {victims.kill_one(number)}")


def _settle(desk: Desk, screen: Screen, progress: Progress) -> float:
    """Wait until history, fusion and the screen have taken in everything there is; return the seconds."""
    progress("waiting until everything is taken in")
    began_s = time.perf_counter()
    behind = ""
    while time.perf_counter() - began_s < SETTLE_LIMIT_S:
        with desk.store.read() as unit:
            fused, newest = unit.cursors.get("fusion", FINDINGS), unit.outbox.newest()
        behind = _behind(desk, fused, newest - screen.last_id)
        if not behind:
            return time.perf_counter() - began_s
        time.sleep(LOOK_EVERY_S)
    raise OurFault(f"after the last kill {behind} did not catch up", limit=f"{SETTLE_LIMIT_S:g} s")


def _behind(desk: Desk, fused: int, unshown: int) -> str:
    """Return who has not taken in everything, empty for nobody."""
    if desk.history.through() < desk.bus.status(OBSERVATIONS).last:
        return "the history"
    if fused < desk.bus.status(FINDINGS).last:
        return "fusion"
    return "the screen" if unshown > UNSHOWN_AT_MOST else ""


def readings_kept(desk: Desk, feeder: Feeder) -> dict[str, object]:
    """Compare what was acknowledged with what the history holds."""
    since = from_us(feeder.acknowledged[0]) if feeder.acknowledged else datetime.now(UTC)
    ids = [DatastreamId(each) for each in feeder.ids]
    stored = desk.history.read(ids, since, datetime.now(UTC) + timedelta(hours=1), limit=EVERYTHING)
    promised = np.asarray(feeder.acknowledged, dtype=np.int64)
    lost = doubled = 0
    for each in feeder.ids:
        times = stored.time_us[stored.datastream == each]
        lost += int(np.count_nonzero(~np.isin(promised, times)))
        doubled += int(times.size - np.unique(times).size)
    return {
        "readings_acknowledged": len(feeder.acknowledged) * len(feeder.ids),
        "batches_resent": feeder.resent,
        "readings_lost": lost,
        "readings_doubled": doubled,
    }


def findings_kept(desk: Desk, finder: Finder) -> dict[str, object]:
    """Compare the findings published with the alerts they became; each alert counts its first finding and its repeats."""
    with desk.store.read() as unit:
        lost = sum(unit.findings.alert_of(key) is None for key in finder.published)
        counted, after = 0, None
        while True:
            page = unit.alerts.find(AlertQuery(tool=TOOL, limit=200, after=after))
            counted += sum(1 + alert.repeats for alert in page.items)
            after = page.next
            if after is None:
                break
    return {
        "findings_published": len(finder.published),
        "findings_lost": lost,
        "findings_doubled": max(0, counted - len(finder.published)),
    }


def shown(desk: Desk, screen: Screen) -> dict[str, object]:
    """Count what the screen was shown twice, and the changes of alerts it was told neither of nor that it missed them."""
    with desk.store.read() as unit:
        kept = [change.id for change in _changes(unit) if change.kind == "alert"]
    first = min(screen.events, default=0)
    unseen = [change for change in kept if first < change < screen.last_id and change not in screen.events]
    return {
        "events_shown": len(screen.events),
        "events_lost": len(unseen) if not screen.gaps else 0,
        "events_shown_twice": sum(count > 1 for count in screen.events.values()),
        "alert_versions_shown_twice": sum(count > 1 for count in screen.versions.values()),
        "gaps_told": screen.gaps,
    }


def _changes(unit: Unit) -> list[Change]:
    """Return every change the outbox still holds."""
    found: list[Change] = []
    while page := unit.outbox.after(found[-1].id if found else 0, limit=500):
        found += page
    return found


if __name__ == "__main__":
    supervise(read_settings(Path(sys.argv[1])), pace=PATIENT)
