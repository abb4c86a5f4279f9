"""From the bus to the state: nothing twice, nothing lost, and one bad message costs the others nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from desk.samples import AT, alert, fuse, publish, seen, waiting
from impetus.core.alert import Alert, AlertEvent, AlertState
from impetus.core.board import Rule
from impetus.core.errors import NotNow
from impetus.core.finding import Finding, Severity
from impetus.core.ids import FindingKey, Offset
from impetus.core.tool import Joined
from impetus.desk import join_findings, raise_alert
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.join_findings import EVIDENCE_EVERY, MAX_EVIDENCE, Joining, evidence_id
from impetus.desk.raise_alert import raise_alerts, rewind
from impetus.ports import Message
from impetus.testing.blobs import MemoryBlobs
from impetus.testing.desk import clock_of, memory_desk
from impetus.tools.fusion.tool import Tool


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


def _count(desk: Desk) -> int:
    with desk.store.read() as unit:
        return sum(unit.alerts.count_open().values())


def test_a_finding_becomes_an_alert_with_evidence_and_a_first_line(desk: Desk) -> None:
    """The alert, the finding behind it, readable evidence, the history's first line, the change, and the cursor."""
    outcome = fuse(desk, seen("a", score=0.7))
    found = alert(desk)
    assert (outcome.raised, outcome.repeated, outcome.cursor) == (1, 0, 1)
    assert found.evidence == (evidence_id(FindingKey("a")),)
    with desk.store.read() as unit:
        assert unit.findings.of_alert(found.id) == (seen("a", score=0.7),)
        assert [(entry.event, entry.who) for entry in unit.alerts.entries(found.id)] == [("raise", "platform:fusion")]
        assert unit.evidence.get(found.evidence[0]).stored_at == AT
        assert [(change.kind, change.facts["sound"]) for change in unit.outbox.after(0)] == [
            ("alert", True),
            ("ask", True),
        ]
        assert unit.cursors.get("fusion", FINDINGS) == 1
    assert desk.codec.decode_evidence(desk.blobs.get(found.evidence[0])).finding == "a"


@pytest.mark.parametrize(("minutes", "raised"), [(0, 1), (59, 1), (60, 1), (61, 0), (7 * 24 * 60, 0)])
def test_what_was_long_over_when_it_was_first_heard_of_calls_nobody(desk: Desk, minutes: int, raised: int) -> None:
    """Readings that come late, or a replay of a fortnight, leave a count and no alert of last week."""
    ended = AT - timedelta(minutes=minutes)
    outcome = fuse(desk, seen("a", began=ended - timedelta(minutes=5), ended=ended))
    assert (outcome.raised, outcome.past) == (raised, 1 - raised)
    assert _count(desk) == raised
    assert (outcome.cursor, fuse(desk).raised) == (1, 0)


def test_the_end_of_what_has_an_alert_is_told_however_late(desk: Desk) -> None:
    """It belongs to the alert, which then knows that it is over."""
    assert fuse(desk, seen("a", began=AT - timedelta(hours=3))).raised == 1
    outcome = fuse(desk, seen("b", began=AT - timedelta(hours=3), ended=AT - timedelta(hours=2)))
    assert (outcome.raised, outcome.repeated, outcome.past) == (0, 1, 0)


def test_the_name_of_evidence_is_the_start_of_a_hash() -> None:
    """Any key, a hostile one too, gives a name a file can have."""
    name = evidence_id(FindingKey("../../etc/passwd\x00"))
    assert len(name) == 32
    assert int(name, 16) >= 0


def test_the_same_messages_again_change_nothing(desk: Desk) -> None:
    """Delivered twice, as after a crash between the commit and telling the bus: passed over."""
    publish(desk, seen("a"), seen("b"))
    messages = waiting(desk)
    raise_alerts(desk, Tool.create({}), messages)
    before = alert(desk)
    outcome = raise_alerts(desk, Tool.create({}), messages)
    assert (outcome.raised, outcome.repeated, outcome.known, outcome.cursor) == (0, 0, 2, 2)
    assert alert(desk) == before


def test_the_same_finding_in_a_new_message_changes_nothing(desk: Desk) -> None:
    """A tool restarted from its snapshot says again what it said: counted as known, not as a repeat."""
    fuse(desk, seen("a"))
    outcome = fuse(desk, seen("a"), seen("a"))
    assert (outcome.raised, outcome.repeated, outcome.known) == (0, 0, 2)
    assert alert(desk).repeats == 0


def test_one_bad_message_costs_the_others_nothing(desk: Desk) -> None:
    """What cannot be read is in the quarantine, whole, under the platform's name, and counted; the cursor passes it."""
    good = seen("a")
    publish(desk, good)
    desk.bus.publish(FINDINGS, [b"\xff no event", b"{}"])
    publish(desk, seen("b"))
    outcome = raise_alerts(desk, Tool.create({}), waiting(desk))
    assert (outcome.raised, outcome.repeated, outcome.malformed, outcome.cursor) == (1, 1, 2, 4)
    with desk.store.read() as unit:
        refused = unit.sources.quarantined().items
        counts = {status.source: status.counts for status in unit.sources.statuses()}
    assert {record.record for record in refused} == {b"\xff no event", b"{}"}
    assert {(record.source, record.rule) for record in refused} == {("platform", Rule.MALFORMED)}
    assert counts["platform"][Rule.MALFORMED] == 2


@pytest.mark.parametrize("changes", [{"score": float("nan")}, {"one_in": float("inf")}, {"facts": {"z": float("nan")}}])
def test_numbers_no_alert_can_carry_are_refused(desk: Desk, changes: dict[str, object]) -> None:
    """A finding with NaN in it does not stop fusion for ever: it is malformed."""
    finding = seen("a", **changes)
    with pytest.raises(raise_alert.Malformed):
        raise_alert._check_numbers(finding)


def test_a_batch_writes_and_tells_each_alert_once(desk: Desk) -> None:
    """Two hundred findings of two things in one batch: two alerts, two changes, versions that moved once."""
    findings = [seen(f"{number}", subject=f"zone:{number % 2}") for number in range(200)]
    outcome = fuse(desk, *findings)
    assert (outcome.raised, outcome.repeated) == (2, 198)
    assert [alert(desk, number).repeats for number in (1, 2)] == [99, 99]
    with desk.store.read() as unit:
        assert [change.subject for change in unit.outbox.after(0) if change.kind == "alert"] == ["1", "2"]


def test_every_identity_of_a_batch_is_looked_up_however_old(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten things, last seen a month ago, asked for three at a time: each is found, and strangers are not."""
    monkeypatch.setattr(join_findings, "ASKED_AT_ONCE", 3)
    fuse(desk, *(seen(f"{number}", subject=f"zone:{number}") for number in range(11)))
    month = AT + timedelta(days=30)
    again = [seen(f"again {number}", subject=f"zone:{number}", began=month, noticed=month) for number in range(10)]
    with desk.store.read() as unit:
        joining = Joining(desk=desk, unit=unit, joiner=Tool.create({}), at=month)
        joining.look_around([*again, *again])
    assert sorted(alert.subject for alert in joining.near.values()) == [f"zone:{number}" for number in range(10)]


def test_what_got_worse_within_a_batch_sounds_and_is_written(desk: Desk) -> None:
    """The history says what it became and which version that is."""
    fuse(desk, seen("a", severity=Severity.MINOR))
    fuse(desk, seen("b"), seen("c", severity=Severity.EXTREME), seen("d"))
    found = alert(desk)
    with desk.store.read() as unit:
        events = [entry.event for entry in unit.alerts.entries(found.id)]
        last = unit.alerts.entries(found.id)[-1]
        assert unit.outbox.after(1)[0].facts["sound"] is True
    assert events == ["raise", AlertEvent.WORSEN, AlertEvent.WORSEN]
    assert last.detail["severity"] == "extreme"
    assert last.detail["version"] == found.version
    assert (found.repeats, found.state) == (3, AlertState.NEW)


def test_repeats_add_evidence_once_a_minute_and_keep_the_first(desk: Desk) -> None:
    """Twenty minutes of repeats each twenty seconds: the first evidence and the latest seven, each of them readable."""
    fuse(desk, seen("first"))
    for number in range(60):
        clock_of(desk).advance(20)
        fuse(desk, seen(f"{number}", noticed=desk.clock.now()))
    found = alert(desk)
    assert found.repeats == 60
    assert len(found.evidence) == MAX_EVIDENCE
    assert found.evidence[0] == evidence_id(FindingKey("first"))
    assert all(desk.blobs.get(name) for name in found.evidence)
    assert len(desk.blobs.names()) == 1 + 1200 // int(EVIDENCE_EVERY.total_seconds())


def test_erased_evidence_is_followed_by_fresh_evidence(desk: Desk) -> None:
    """Retention took the latest evidence away: the next repeat brings its own."""
    fuse(desk, seen("a"))
    with desk.store.write() as unit:
        unit.evidence.erase([evidence_id(FindingKey("a"))])
    fuse(desk, seen("b"))
    assert alert(desk).evidence[-1] == evidence_id(FindingKey("b"))


class _Failing(Tool):
    """Fusion that a full disk interrupts when it is asked the n-th time."""

    answers_left = 0

    def join(self, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
        """Answer some times, then fail."""
        self.answers_left -= 1
        if self.answers_left < 0:
            raise NotNow("the disk is full", retry_after_s=1)
        return super().join(finding, recent, at=at)


@pytest.mark.parametrize(("answers", "left_behind"), [(2, []), (5, ["a"])], ids=["in the rehearsal", "in the unit"])
def test_a_batch_that_fails_half_way_happened_not_at_all(desk: Desk, answers: int, left_behind: list[str]) -> None:
    """No alert, no cursor, no change; what is left is bytes without a row, for the sweep. Then it all comes again."""
    publish(desk, seen("a"), seen("b"), seen("c"))
    failing = _Failing.create({})
    failing.answers_left = answers
    with pytest.raises(NotNow):
        raise_alerts(desk, failing, waiting(desk))
    assert _count(desk) == 0
    with desk.store.read() as unit:
        assert unit.outbox.newest() == 0
        assert unit.cursors.get("fusion", FINDINGS) == 0
    assert list(desk.blobs.names()) == [evidence_id(FindingKey(key)) for key in left_behind]
    outcome = raise_alerts(desk, Tool.create({}), waiting(desk))
    assert (outcome.raised, outcome.repeated) == (1, 2)


class _Watched(MemoryBlobs):
    """Blobs that let somebody do something at the moment they are asked to store."""

    meanwhile: Callable[[], None]

    def put(self, name: str, plain: bytes) -> None:
        """Let it happen, then store."""
        self.meanwhile()
        super().put(name, plain)


@pytest.fixture
def watched() -> Desk:
    """Return an empty desk whose blobs are watched."""
    desk = memory_desk(AT)
    return replace(desk, blobs=_Watched(desk.keys, desk.clock))


def _meanwhile(desk: Desk, act: Callable[[], None]) -> None:
    assert isinstance(desk.blobs, _Watched)
    desk.blobs.meanwhile = act


def test_evidence_is_stored_while_nobody_waits_for_the_state(watched: Desk) -> None:
    """Bytes go to the disk before the unit: at that moment anybody can write, which inside one would be refused."""
    written: list[int] = []

    def write() -> None:
        with watched.store.write() as unit:
            unit.outbox.add(AT, "note", "", {})
            written.append(unit.outbox.newest())

    _meanwhile(watched, write)
    assert fuse(watched, seen("a"), seen("b", subject="zone:north")).raised == 2
    assert written == [1, 2]


def test_evidence_that_nobody_foresaw_is_stored_all_the_same(watched: Desk) -> None:
    """The latest evidence was erased between the rehearsal and the unit: the repeat brings its own after all."""
    _meanwhile(watched, lambda: None)
    fuse(watched, seen("a"))

    def erase() -> None:
        _meanwhile(watched, lambda: None)
        with watched.store.write() as unit:
            unit.evidence.erase([evidence_id(FindingKey("a"))])

    _meanwhile(watched, erase)
    fuse(watched, seen("b"), seen("c", subject="zone:north"))
    assert alert(watched).evidence[-1] == evidence_id(FindingKey("b"))
    assert watched.blobs.get(evidence_id(FindingKey("b")))


def test_only_evidence_that_will_be_kept_is_stored(desk: Desk) -> None:
    """A hundred findings of one thing in a batch leave the bytes of the first, which is what its alert lists."""
    fuse(desk, *(seen(f"{number}") for number in range(100)))
    assert list(desk.blobs.names()) == list(alert(desk).evidence) == [evidence_id(FindingKey("0"))]


def test_a_finding_twice_in_a_batch_is_rehearsed_and_taken_once(desk: Desk) -> None:
    """Known from its own batch: counted as known, and the alert does not repeat."""
    outcome = fuse(desk, seen("a"), seen("a"), seen("b"))
    assert (outcome.raised, outcome.known, outcome.repeated) == (1, 1, 1)


def test_what_a_full_disk_refuses_before_the_unit_is_taken_later(watched: Desk) -> None:
    """No room for the bytes: nothing happened, the cursor stands, and the same messages are taken when there is room."""

    def no_room() -> None:
        raise NotNow("no room", retry_after_s=5)

    _meanwhile(watched, no_room)
    with pytest.raises(NotNow):
        fuse(watched, seen("a"))
    assert _count(watched) == 0
    _meanwhile(watched, lambda: None)
    assert raise_alerts(watched, Tool.create({}), waiting(watched)).raised == 1


def test_evidence_that_takes_long_to_store_shortens_the_unit(watched: Desk) -> None:
    """A slow disk: each unit takes what was stored in half a second, and the rest comes next."""
    _meanwhile(watched, lambda: clock_of(watched).advance(0.2))
    publish(watched, *(seen(f"{number}", subject=f"zone:{number}") for number in range(7)))
    cursors = [raise_alerts(watched, Tool.create({}), waiting(watched)).cursor for _ in range(3)]
    assert cursors == [3, 6, 7]
    assert len(watched.blobs.names()) == _count(watched) == 7


def test_nothing_to_do_does_nothing(desk: Desk) -> None:
    """No messages: no unit's worth of work, the cursor where it was."""
    assert raise_alerts(desk, Tool.create({}), []).cursor == 0


def test_after_a_rewind_known_findings_are_passed_over(desk: Desk) -> None:
    """The bus was replaced: its first message may be one that was seen under another number."""
    fuse(desk, seen("a"))
    rewind(desk, Offset(0))
    body = desk.codec.encode_finding(seen("z", subject="zone:new"), _evidence("z"))
    again = desk.codec.encode_finding(seen("a"), _evidence("a"))
    messages = [Message(offset=Offset(1), body=again), Message(offset=Offset(2), body=body)]
    outcome = raise_alerts(desk, Tool.create({}), messages)
    assert (outcome.known, outcome.raised) == (1, 1)


def _evidence(key: str) -> raise_alert.Evidence:
    from impetus.core.text import Phrase

    return raise_alert.Evidence(finding=FindingKey(key), summary=Phrase(template=key))


class _Slow(Tool):
    """Fusion that takes 0.2 s for each finding."""

    desk: Desk

    def join(self, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
        """Let time pass, then answer."""
        clock_of(self.desk).advance(0.2)
        return super().join(finding, recent, at=at)


def test_a_unit_ends_before_it_keeps_people_waiting(desk: Desk) -> None:
    """Ten slow findings: each unit takes three, the cursor stands behind them, and the rest comes next."""
    publish(desk, *(seen(f"{number}") for number in range(10)))
    slow = _Slow.create({})
    slow.desk = desk
    messages = waiting(desk)
    cursors = []
    while not cursors or cursors[-1] < messages[-1].offset:
        cursors.append(raise_alerts(desk, slow, messages).cursor)
    assert cursors == [3, 6, 9, 10]
    assert alert(desk).repeats == 9
