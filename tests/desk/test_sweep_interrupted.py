"""A sweep that is stopped anywhere: nothing is half erased for good, and the next one finishes the work."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.samples import AT, alert, fuse, person, seen
from impetus.core.actor import Actor, Role, platform
from impetus.core.alert import Verdict
from impetus.core.errors import NotNow
from impetus.core.ids import AlertId
from impetus.core.observation import EPOCH
from impetus.desk import read, triage
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.sweep import Keep, before, sweep
from impetus.testing.blobs import MemoryBlobs
from impetus.testing.desk import clock_of, memory_desk

KEEPER = platform("keeper")
DAY = timedelta(days=1)
KEEP = Keep(observations=10 * DAY, alerts=20 * DAY, evidence=15 * DAY, quarantine=5 * DAY)


class _Stoppable(MemoryBlobs):
    """Blobs whose erasing is interrupted, before or after it happened, as a kill would."""

    stop: str = ""

    def erase(self, names: Iterable[str]) -> int:
        """Erase, unless or until interrupted."""
        wanted = list(names)
        if self.stop == "before" and wanted:
            raise NotNow("killed before the bytes went", retry_after_s=1)
        erased = super().erase(wanted)
        if self.stop == "after" and wanted:
            raise NotNow("killed after the bytes went", retry_after_s=1)
        return erased


@pytest.fixture
def desk() -> Desk:
    """Return a desk with an alert that ada judged and closed, with its evidence."""
    desk = memory_desk(AT)
    desk = replace(desk, blobs=_Stoppable(desk.keys, desk.clock))
    fuse(desk, seen("a"))
    ada = person(desk, "ada", Role.OPERATOR)
    triage.assess(desk, ada, AlertId(1), verdict=Verdict.BENIGN)
    triage.close(desk, ada, AlertId(1))
    return desk


def stopped_sweep(desk: Desk, days: float, stop: str) -> None:
    """Sweep so many days later and be interrupted."""
    assert isinstance(desk.blobs, _Stoppable)
    clock_of(desk).set(AT + days * DAY)
    desk.blobs.stop = stop
    with pytest.raises(NotNow):
        sweep(desk, KEEPER, KEEP)
    desk.blobs.stop = ""


def sweep_all(desk: Desk) -> int:
    """Sweep until nothing that is due is left, and return how much was erased."""
    erased = 0
    while not (report := sweep(desk, KEEPER, KEEP)).is_complete:
        erased += report.erased
    return erased + report.erased


@pytest.mark.parametrize("stop", ["before", "after"])
def test_an_alert_interrupted_while_it_goes_leaves_no_bytes_for_good(desk: Desk, stop: str) -> None:
    """The alert is gone, its bytes are there or not; when they are, a later sweep finds them by their age."""
    stopped_sweep(desk, 21, stop)
    with desk.store.read() as unit:
        assert unit.alerts.count_open().get("closed", 0) == 0
        assert unit.evidence.older_than(AT + 100 * DAY) == ()
    sweep_all(desk)
    assert list(desk.blobs.names()) == []


@pytest.mark.parametrize("stop", ["before", "after"])
def test_evidence_interrupted_while_it_goes_is_found_again(desk: Desk, stop: str) -> None:
    """Bytes go before the row that names them: whatever was stopped, the row still leads to what is left."""
    stopped_sweep(desk, 16, stop)
    with desk.store.read() as unit:
        assert [record.finding for record in unit.evidence.older_than(AT + DAY)] == ["a"]
    assert sweep_all(desk) >= 1
    assert list(desk.blobs.names()) == []
    assert alert(desk).headline.say() == "many people", "the alert itself stays its twenty days"


@pytest.mark.parametrize("stop", ["before", "after"])
def test_a_page_read_between_two_halves_of_a_sweep_is_whole(desk: Desk, stop: str) -> None:
    """The alert is shown with its evidence, or with the words that it is missing; never an error."""
    stopped_sweep(desk, 16, stop)
    view = read.alert(desk, Actor(name="sol", role=Role.SUPERVISOR), AlertId(1))
    assert (len(view.evidences), view.missing_evidence) == ((1, 0) if stop == "before" else (0, 1))


def test_a_finding_that_is_still_on_the_bus_does_not_bring_an_erased_alert_back(desk: Desk) -> None:
    """The cursor stands behind it; and what retention took from the state it takes from the bus."""
    clock_of(desk).set(AT + 21 * DAY)
    sweep_all(desk)
    assert desk.bus.status(FINDINGS).last == 0
    assert fuse(desk).raised == 0


def test_a_second_sweep_at_the_same_time_erases_nothing_more(desk: Desk) -> None:
    """Everything due was due the first time."""
    clock_of(desk).set(AT + 30 * DAY)
    assert sweep_all(desk) > 0
    assert sweep_all(desk) == 0


@settings(max_examples=25, deadline=None)
@given(days=st.lists(st.floats(0, 12), min_size=1, max_size=6))
def test_what_is_younger_than_its_time_is_always_there(days: list[float]) -> None:
    """However often and whenever the keeper sweeps: an open alert stays, its evidence for fifteen days."""
    desk = memory_desk(AT)
    fuse(desk, seen("a"))
    for wait in days:
        clock_of(desk).advance(wait * 86_400)
        sweep_all(desk)
        age = desk.clock.now() - AT
        assert alert(desk).id == 1
        assert bool(desk.blobs.names()) == (age <= KEEP.evidence)


@pytest.mark.parametrize(
    ("at", "span", "expected"),
    [
        (AT, DAY, AT - DAY),
        (AT, timedelta(0), AT),
        (EPOCH, DAY, EPOCH),
        (AT, 100 * 365 * DAY, EPOCH),
    ],
)
def test_a_horizon_is_never_before_1970(at: datetime, span: timedelta, expected: datetime) -> None:
    """A retention of a century on a young clock is no error and no time without a number."""
    assert before(at, span) == expected


def test_the_report_adds_up(desk: Desk) -> None:
    """What a sweep says it erased is what was there before and is not there after."""
    counted: list[Callable[[], int]] = [
        lambda: len(desk.blobs.names()),
        lambda: desk.bus.status(FINDINGS).last,
    ]
    had = [count() for count in counted]
    clock_of(desk).set(AT + 21 * DAY)
    report = sweep(desk, KEEPER, KEEP)
    assert (report.gone("alerts"), report.messages, report.at) == (1, 1, desk.clock.now())
    assert had == [1, 1]
    assert [count() for count in counted] == [0, 0]
