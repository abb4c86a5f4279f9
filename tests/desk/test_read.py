"""What the desk answers: complete, at one moment, and only to those who may ask."""

from datetime import timedelta

import numpy as np
import pytest

from desk.samples import AT, alert, fuse, person, publish, seen
from impetus.core.actor import Actor, Role, platform
from impetus.core.alert import Alert, AlertEvent, AlertState, Verdict
from impetus.core.board import PartState, PartStatus, Rule
from impetus.core.errors import Malformed, Refused, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, DatastreamId, DatastreamKey, IncidentId, Offset, SourceId, ThingKey, ToolId
from impetus.core.incident import IncidentEvent, IncidentState
from impetus.core.observation import Datastream, Source, batch_of, to_us
from impetus.desk import decide, incidents, read, triage
from impetus.desk.context import Desk
from impetus.ports import AlertQuery
from impetus.testing.desk import clock_of, memory_desk

COUNTER = Datastream(
    id=DatastreamId(0),
    key=DatastreamKey("square/c1/people"),
    source=SourceId("square"),
    thing=ThingKey("square/c1"),
    thing_name="Counter 1",
    observed_property="people",
    unit="1",
)


@pytest.fixture
def desk() -> Desk:
    """Return a desk with one source of one datastream, one alert on it, and one reading."""
    desk = memory_desk(AT)
    with desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("square"), name="The square", kind="http", simulated=True), [COUNTER])
        unit.parts.report(PartStatus(part=ToolId("fusion"), state=PartState.RUNNING))
    fuse(desk, seen("a", datastreams=(DatastreamId(1), DatastreamId(77))))
    desk.history.append(batch_of([1], [to_us(AT)], [61.0]), "observations", through=Offset(1))
    desk.history.flush()
    return desk


@pytest.fixture
def ada(desk: Desk) -> Actor:
    """Return an operator."""
    return person(desk, "ada", Role.OPERATOR)


@pytest.fixture
def bo(desk: Desk) -> Actor:
    """Return another operator."""
    return person(desk, "bo", Role.OPERATOR)


def test_an_alert_is_shown_with_its_whole_story(desk: Desk, ada: Actor) -> None:
    """Alert, history, findings, evidence, the datastreams that are known, its incident, and who may see it."""
    opened = incidents.open_incident(desk, ada, "Crowd", [AlertId(1)])
    view = read.alert(desk, ada, AlertId(1))
    assert view.alert == alert(desk)
    assert [entry.event for entry in view.entries] == ["raise", AlertEvent.JOIN]
    assert [finding.key for finding in view.findings] == ["a"]
    assert [evidence.finding for evidence in view.evidences] == ["a"]
    assert [datastream.key for datastream in view.datastreams] == ["square/c1/people"]
    assert view.incident == opened
    assert "operator" in view.seen_by
    assert "integrator" not in view.seen_by


def test_evidence_that_is_gone_is_counted_and_hides_nothing_else(desk: Desk, ada: Actor) -> None:
    """Display fails open: the alert is shown, and the page can say that evidence is missing."""
    desk.blobs.erase(alert(desk).evidence)
    view = read.alert(desk, ada, AlertId(1))
    assert view.evidences == ()
    assert view.missing_evidence == 1


@pytest.mark.parametrize("reading", [read.alert, read.incident])
def test_what_does_not_exist_is_unknown(desk: Desk, ada: Actor, reading: object) -> None:
    """Numbers nobody gave."""
    with pytest.raises(Unknown):
        reading(desk, ada, 999)  # type: ignore[operator]  # both take an id


def test_only_acts_that_would_be_taken_are_offered(desk: Desk, ada: Actor, bo: Actor) -> None:
    """New: anybody takes it. Held: its owner works on it, another only joins it. Judged: it can be closed. Offered: answered."""

    def may(actor: Actor) -> set[str]:
        return set(read.alert(desk, actor, AlertId(1)).may)

    assert may(ada) == {"acknowledge", "assess", "shelve", "join"}
    triage.acknowledge(desk, ada, AlertId(1))
    assert may(ada) == {"undo", "assess", "shelve", "offer", "join"}
    assert may(bo) == {"join"}
    assert may(Actor(name="sol", role=Role.SUPERVISOR)) == may(ada)
    triage.assess(desk, ada, AlertId(1), verdict=Verdict.BENIGN)
    assert "close" in may(ada)
    triage.offer(desk, ada, AlertId(1), to="bo")
    assert may(bo) == {"accept", "decline", "join"}
    assert may(Actor(name="aud", role=Role.AUDITOR)) == set()


def test_what_is_offered_is_what_the_desk_does_not_refuse(desk: Desk, ada: Actor, bo: Actor) -> None:
    """In each state and for each person, an act of `may` is taken by the desk."""
    acts = {
        "acknowledge": lambda who: triage.acknowledge(desk, who, AlertId(1)),
        "assess": lambda who: triage.assess(desk, who, AlertId(1), verdict=Verdict.BENIGN),
        "offer": lambda who: triage.offer(desk, who, AlertId(1), to="bo"),
        "decline": lambda who: triage.decline(desk, who, AlertId(1)),
        "close": lambda who: triage.close(desk, who, AlertId(1)),
        "undo": lambda who: triage.undo(desk, who, AlertId(1)),
        "shelve": lambda who: triage.shelve(desk, who, AlertId(1), until=AT + timedelta(hours=1), why="works"),
    }
    for who, event in (
        (ada, "acknowledge"),
        (ada, "assess"),
        (ada, "offer"),
        (bo, "decline"),
        (ada, "close"),
        (ada, "undo"),
        (ada, "shelve"),
        (bo, "acknowledge"),
    ):
        assert event in read.alert(desk, who, AlertId(1)).may, event
        acts[event](who)


def test_the_picture_has_open_alerts_by_urgency_and_the_load(desk: Desk, ada: Actor) -> None:
    """Worst first, counts of all, what was raised lately, readings, parts, sources, and where to go on listening."""
    clock_of(desk).advance(1_800)
    fuse(desk, seen("b", subject="zone:b", severity=Severity.EXTREME), seen("c", subject="zone:c"))
    triage.acknowledge(desk, ada, AlertId(3))
    triage.shelve(desk, ada, AlertId(1), until=AT + timedelta(hours=2), why="works")
    clock_of(desk).advance(1)
    view = read.picture(desk, ada)
    assert [each.id for each in view.alerts] == [2, 3]
    assert view.counts == {AlertState.NEW: 1, AlertState.HELD: 1, AlertState.OFFERED: 0, AlertState.SHELVED: 1}
    assert (view.raised_10_min, view.raised_hour) == (2, 3)
    assert view.latest.result.tolist() == [61.0]
    assert [part.part for part in view.parts] == ["fusion"]
    assert view.simulated
    triage.undo(desk, ada, AlertId(3))
    assert [change.subject for change in read.changes(desk, ada, view.change).items] == ["3"]


def test_the_picture_of_an_executive_has_no_series(desk: Desk) -> None:
    """What the role may not see is empty, not refused: the picture is for everybody who sees alerts."""
    view = read.picture(desk, Actor(name="eve", role=Role.EXECUTIVE))
    assert len(view.alerts) == 1
    assert len(view.latest) == 0
    assert view.sources == ()


def test_a_source_that_passed_its_freshness_is_silent(desk: Desk, ada: Actor) -> None:
    """Never heard of is waiting, heard lately is fresh, heard too long ago is silent."""

    def silent() -> list[bool]:
        return [view.silent for view in read.sources(desk, ada)]

    assert silent() == [False]
    with desk.store.write() as unit:
        unit.sources.count(SourceId("square"), {Rule.ACCEPTED: 5}, desk.clock.now())
    clock_of(desk).advance(300)
    assert silent() == [False]
    clock_of(desk).advance(1)
    assert silent() == [True]
    assert read.sources(desk, ada)[0].datastreams[0].key == COUNTER.key


def test_a_new_datastream_is_known_at_once(desk: Desk, ada: Actor) -> None:
    """The kept catalogue is dropped when its version rises."""
    assert len(read.sources(desk, ada)[0].datastreams) == 1
    more = Datastream(**{**_fields(COUNTER), "key": DatastreamKey("square/c2/people")})
    with desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("square"), name="The square", kind="http"), [COUNTER, more])
    assert len(read.sources(desk, ada)[0].datastreams) == 2


def _fields(datastream: Datastream) -> dict[str, object]:
    from dataclasses import fields

    return {field.name: getattr(datastream, field.name) for field in fields(datastream)}


def test_the_board_shows_parts_topics_and_what_fell_out(desk: Desk, ada: Actor) -> None:
    """The bus's two topics, with how full they are."""
    view = read.board(desk, ada)
    assert [topic.topic for topic in view.topics] == ["observations", "findings"]
    assert view.topics[1].last == 1
    assert view.quarantine_dropped == 0


def test_series_are_bounded(desk: Desk, ada: Actor) -> None:
    """A span and a count that a screen can show; times with a zone."""
    hour = timedelta(hours=1)
    batch = read.series(desk, ada, [DatastreamId(1)], AT - hour, AT + hour)
    assert np.array_equal(batch.result, [61.0])
    for since, until, count in (
        (AT, AT, 1),
        (AT, AT - hour, 1),
        (AT, AT + timedelta(days=32), 1),
        (AT.replace(tzinfo=None), (AT + hour).replace(tzinfo=None), 1),
        (AT, AT + hour, 0),
        (AT, AT + hour, 51),
    ):
        with pytest.raises(Malformed) as refusal:
            read.series(desk, ada, [DatastreamId(1)] * count, since, until)
        assert refusal.value.limit


def test_changes_that_are_gone_are_a_gap(desk: Desk, ada: Actor) -> None:
    """One who asks for changes after a number from another installation is told to reload."""
    newest = read.picture(desk, ada).change
    assert not read.changes(desk, ada, newest).gap
    assert not read.changes(desk, ada, 0).gap
    assert read.changes(desk, ada, newest + 1).gap


def test_colleagues_are_those_who_could_take_it(desk: Desk, ada: Actor, bo: Actor) -> None:
    """Not oneself, not who may not, not who is gone."""
    person(desk, "aud", Role.AUDITOR)
    assert read.colleagues(desk, ada) == ("bo",)


def test_an_incident_is_shown_with_timeline_alerts_and_struck_decisions(desk: Desk, ada: Actor, bo: Actor) -> None:
    """A corrected decision stays, marked; acts offered fit the reader."""
    found = incidents.open_incident(desk, ada, "Crowd", [AlertId(1)])
    first = decide.decide(desk, ada, found.id, seen="full", options=["a", "b"], choice="a", reason="r")
    decide.decide(desk, ada, found.id, seen="full", options=["a", "b"], choice="b", reason="s", corrects=first.id)
    view = read.incident(desk, ada, found.id)
    assert [entry.event for entry in view.entries] == ["open", "join", "decide", "decide"]
    assert [each.id for each in view.alerts] == [1]
    assert [decision.choice for decision in view.decisions] == ["a", "b"]
    assert view.struck == {first.id}
    assert view.may >= {IncidentEvent.CLOSE, IncidentEvent.OFFER, IncidentEvent.NOTE, IncidentEvent.DECIDE}
    assert IncidentEvent.CLOSE not in read.incident(desk, bo, found.id).may
    assert read.incident(desk, Actor(name="eve", role=Role.EXECUTIVE), found.id).may == {IncidentEvent.DECIDE}
    assert read.incident(desk, Actor(name="dpo", role=Role.DPO), found.id).may == set()


def test_incidents_are_listed_by_state(desk: Desk, ada: Actor) -> None:
    """Open ones, closed ones, all of them."""
    found = incidents.open_incident(desk, ada, "Crowd", [AlertId(1)])
    assert [each.id for each in read.list_incidents(desk, ada).items] == [found.id]
    assert read.list_incidents(desk, ada, states=[IncidentState.CLOSED]).items == ()


def test_refused_records_are_read_by_those_who_may(desk: Desk, ada: Actor) -> None:
    """An operator sees them; a planner does not."""
    desk.bus.publish("findings", [b"nonsense"])
    fuse(desk)
    assert [record.record for record in read.quarantine(desk, ada).items] == [b"nonsense"]
    assert read.quarantine(desk, ada, source=SourceId("square")).items == ()
    with pytest.raises(Refused):
        read.quarantine(desk, Actor(name="pia", role=Role.PLANNER))


NOBODY = Actor(name="token:none", role=Role.SERVICE)


@pytest.mark.parametrize(
    "reading",
    [
        lambda desk: read.list_alerts(desk, NOBODY, AlertQuery()),
        lambda desk: read.alert(desk, NOBODY, AlertId(1)),
        lambda desk: read.list_incidents(desk, NOBODY),
        lambda desk: read.incident(desk, NOBODY, IncidentId(1)),
        lambda desk: read.board(desk, NOBODY),
        lambda desk: read.sources(desk, NOBODY),
        lambda desk: read.quarantine(desk, NOBODY),
        lambda desk: read.picture(desk, NOBODY),
        lambda desk: read.latest(desk, NOBODY),
        lambda desk: read.series(desk, NOBODY, [DatastreamId(1)], AT, AT + timedelta(hours=1)),
        lambda desk: read.changes(desk, NOBODY, 0),
        lambda desk: read.colleagues(desk, NOBODY),
    ],
)
def test_every_reading_asks_the_guard(desk: Desk, reading: object) -> None:
    """A token without operations reads nothing."""
    with pytest.raises(Refused):
        reading(desk)  # type: ignore[operator]  # a reading of the desk


def test_the_platform_reads_alerts_and_judges_none(desk: Desk) -> None:
    """It raises and shows; acknowledging is for people."""
    found: tuple[Alert, ...] = read.list_alerts(desk, platform("sweep"), AlertQuery()).items
    assert len(found) == 1
    with pytest.raises(Refused):
        triage.acknowledge(desk, platform("fusion"), AlertId(1))


def test_publishing_alone_shows_nothing(desk: Desk, ada: Actor) -> None:
    """A finding on the bus is no alert until fusion made it one."""
    publish(desk, seen("later", subject="zone:later"))
    assert len(read.picture(desk, ada).alerts) == 1
