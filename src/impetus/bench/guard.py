"""Measure the guard: what one decision costs, by both evaluators, and what asking at the desk's door costs with its line.

Requests are a fixed mix over roles, operations, purposes and kinds of data, half of it about nobody. `decision_*` is both
evaluators together with nothing remembered; `remembered_*` is the same when the answer is known. The door is asked with a
journal on the disk of this machine: a first look waits for it, a repeated one and a machine's do not. All but the first look
are microseconds of the processor, so that other programs on the machine do not count.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from impetus.adapters.bus_journal import BusJournal
from impetus.adapters.cedar import CedarPolicy
from impetus.adapters.clock import SystemClock
from impetus.adapters.local_bus import LocalBus
from impetus.adapters.sql.store import open_store
from impetus.core.access import AccessRequest, Category, Purpose, Regime
from impetus.core.actor import Actor, Role, platform
from impetus.desk.context import Door
from impetus.desk.permit import permit, rule
from impetus.ethics.guard import MATRIX, Operation
from impetus.ethics.policy import decide

Progress = Callable[[str], None]
T = TypeVar("T")

REQUESTS = 4_000
LOOKS = 300
TENANT = "bench"
LIMIT_BYTES = 64 * 2**20
NS_PER_US = 1_000


def run(progress: Progress) -> dict[str, float]:
    """Decide and ask; return microseconds, and how many decisions a second one core takes."""
    requests = mix(REQUESTS)
    with tempfile.TemporaryDirectory(prefix="impetus-bench-") as folder:
        bus = LocalBus(Path(folder) / "bus", clock=SystemClock(), limit_bytes=LIMIT_BYTES)
        store = open_store(Path(folder))
        plain = Door(
            store=store,
            journal=BusJournal(bus),
            policy=CedarPolicy(remembered=0),
            clock=SystemClock(),
            tenant=TENANT,
        )
        progress(f"deciding {REQUESTS} requests by both evaluators")
        both = _each(requests, lambda request: rule(plain, request))
        ours = _each(requests, decide)
        theirs = _each(requests, plain.policy.decide)
        known = CedarPolicy()
        _each(requests, known.decide)
        remembered = _each(requests, lambda request: (decide(request), known.decide(request)))
        progress(f"asking at the door {LOOKS} times, each first look on the disk")
        doors = _doors(plain)
        store.close()
    return {
        "decision_median_us": _median(both),
        "decision_p99_us": round(statistics.quantiles(both, n=100)[98], 1),
        "decisions_per_s": round(1e6 / statistics.fmean(both)),
        "tables_median_us": _median(ours),
        "cedar_median_us": _median(theirs),
        "remembered_median_us": _median(remembered),
        **doors,
    }


def mix(count: int) -> list[AccessRequest]:
    """Return requests, the same each time: what roles may, half of it about nobody, the rest about every kind of data."""
    rng = random.Random(17)
    found = []
    for number in range(count):
        role = rng.choice([each for each in Role if MATRIX[each].may])
        found.append(
            AccessRequest(
                role=role,
                operation=rng.choice(sorted(MATRIX[role].may)),
                purpose=rng.choice(list(Purpose)),
                category=Category.NONE if number % 2 else rng.choice(list(Category)),
                case=str(number),
                tenant=TENANT,
                owner=TENANT,
                regime=rng.choice(list(Regime)),
                controller=TENANT,
            )
        )
    return found


def _doors(door: Door) -> dict[str, float]:
    """Return what asking costs: a first look, the same look again, and a machine's."""
    kari, fusion = Actor(name="kari", role=Role.OPERATOR), platform("fusion")
    looks = range(LOOKS)
    first = _each(
        looks,
        lambda number: permit(door, kari, Operation.ALERTS_READ, on=f"alert:{number}"),
        clock=time.perf_counter_ns,
    )
    again = _each(looks, lambda number: permit(door, kari, Operation.ALERTS_READ, on=f"alert:{number}"))
    machine = _each(looks, lambda _: permit(door, fusion, Operation.ALERTS_RAISE))
    return {
        "door_first_look_median_us": _median(first),
        "door_same_look_median_us": _median(again),
        "door_machine_median_us": _median(machine),
    }


def _each(
    questions: Sequence[T], ask: Callable[[T], object], clock: Callable[[], int] = time.thread_time_ns
) -> list[float]:
    """Return what each question took, in microseconds of the processor, or of a clock."""
    took = []
    for question in questions:
        began = clock()
        ask(question)
        took.append((clock() - began) / NS_PER_US)
    return took


def _median(took: Sequence[float]) -> float:
    return round(statistics.median(took), 1)
