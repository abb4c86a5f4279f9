"""Second samples through the desk: every act in every state, who may, what is told, and nothing that names what it is."""

from collections.abc import Callable, Mapping
from dataclasses import fields

import pytest

from desk.media_room import Room
from impetus.core.actor import Actor, Role, console
from impetus.core.call import Plan, PlanKind
from impetus.core.custody import (
    SAMPLE_LIFECYCLE,
    FieldSample,
    LabOutcome,
    SampleEvent,
    SampleState,
    SealState,
)
from impetus.core.effects import Step
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.ids import DatastreamId, DatastreamKey, IncidentId, SourceId, ThingKey
from impetus.core.observation import Datastream, Source
from impetus.core.place import Point
from impetus.desk import custody, declare_source, incidents
from impetus.desk.context import Desk
from impetus.desk.custody import Found, Wanted
from impetus.desk.declare_source import Declaration
from impetus.processes.call_plan import write_rotation
from impetus.processes.on_call import Rotation
from impetus.testing.journal import MemoryJournal

SAMPLER = ThingKey("air/s1")
WHY = "three times the usual load, twice"
FOUND = Found(outcome=LabOutcome.RAISED, reference="2026/311", measured=812.0)


def in_place(act: Callable[..., FieldSample], **said: object) -> Callable[[Desk, Actor, int], FieldSample]:
    """Return an act done by a body at a place."""
    return lambda desk, actor, number: act(desk, actor, number, holder="field team", place="north steps", **said)


ACTS: Mapping[SampleEvent, Callable[[Desk, Actor, int], FieldSample]] = {
    SampleEvent.TAKE: in_place(custody.take, seal="A-17"),
    SampleEvent.HAND_ON: in_place(custody.hand_on),
    SampleEvent.RECEIVE: in_place(custody.receive, seal_state=SealState.WHOLE),
    SampleEvent.REPORT: lambda desk, actor, number: custody.report(desk, actor, number, FOUND),
    SampleEvent.TELL: custody.tell,
    SampleEvent.CALL_OFF: lambda desk, actor, number: custody.call_off(desk, actor, number, why="a fault"),
    SampleEvent.LOSE: lambda desk, actor, number: custody.lose(desk, actor, number, why="dropped"),
}
_E = SampleEvent
WAYS: Mapping[SampleState, tuple[SampleEvent, ...]] = {
    SampleState.ASKED: (),
    SampleState.TAKEN: (_E.TAKE,),
    SampleState.RECEIVED: (_E.TAKE, _E.RECEIVE),
    SampleState.REPORTED: (_E.TAKE, _E.RECEIVE, _E.REPORT),
    SampleState.CALLED_OFF: (_E.CALL_OFF,),
    SampleState.LOST: (_E.TAKE, _E.LOSE),
}


class Field:
    """A room with an incident and a sampler, and public health on duty."""

    def __init__(self) -> None:
        """Declare a sampler, and who is called."""
        self.room = Room()
        self.desk, self.kari = self.room.desk, self.room.who("kari")
        stream = Datastream(
            id=DatastreamId(0),
            key=DatastreamKey("air/s1/airborne_bacteria"),
            source=SourceId("air"),
            thing=SAMPLER,
            thing_name="Sampler 1",
            observed_property="airborne_bacteria",
            unit="/m3",
            point=Point(lon=10.73, lat=59.91),
            simulated=True,
        )
        source = Source(id=SourceId("air"), name="Air", kind="sampler", simulated=True)
        declare_source.declare(self.desk, console(), Declaration(source=source, datastreams=(stream,)))

    def on_call(self) -> None:
        """Let somebody be public health on duty."""
        at = self.room.clock.now()
        rotation = Rotation(
            name=custody.PUBLIC_HEALTH, people=("bo",), begins=at.date(), handover=at.time(), zone="UTC", days=7
        )
        with self.desk.store.write() as unit:
            unit.calls.save_plan(
                Plan(
                    id=0,
                    kind=PlanKind.ROTATION,
                    name=custody.PUBLIC_HEALTH,
                    version=1,
                    body=write_rotation(rotation),
                    by="sol",
                    at=at,
                )
            )

    def asked(self, **changed: object) -> FieldSample:
        """Return a sample Kari asked for."""
        wanted = {"sampler": SAMPLER, "why": WHY, "incident": IncidentId(self.room.incident), **changed}
        return custody.ask(self.desk, self.kari, Wanted(**wanted))  # type: ignore[arg-type]  # the test names what it changes

    def in_state(self, state: SampleState) -> FieldSample:
        """Return a sample in a state."""
        sample = self.asked()
        for event in WAYS[state]:
            sample = ACTS[event](self.desk, self.kari, sample.id)
        assert sample.state is state
        return sample


@pytest.mark.parametrize(
    ("state", "event"), [(state, event) for state in SampleState for event in SampleEvent if event is not _E.TELL]
)
def test_every_act_in_every_state_is_as_the_table_says(state: SampleState, event: SampleEvent) -> None:
    """Allowed acts add one link to the chain and tell the timeline; refused ones change nothing at all."""
    field = Field()
    before = field.in_state(state)
    cell = SAMPLE_LIFECYCLE.table[state, event]
    if isinstance(cell, Step):
        after = ACTS[event](field.desk, field.kari, before.id)
        view = custody.sample_view(field.desk, field.kari, before.id)
        assert (after.state, len(view.entries), view.broken_at) == (cell.state, before.entries + 1, None)
        with field.desk.store.read() as unit:
            assert unit.incidents.entries(IncidentId(field.room.incident))[-1].event == f"sample.{event}"
    else:
        with pytest.raises(Conflict, match="sample is"):
            ACTS[event](field.desk, field.kari, before.id)
        assert custody.sample_view(field.desk, field.kari, before.id).sample == before


def test_a_sample_from_asking_to_its_result_is_one_chain_that_holds() -> None:
    """Who had it, in order; the log has a line for each with the link's digest."""
    field = Field()
    sample = field.in_state(SampleState.REPORTED)
    view = custody.sample_view(field.desk, field.kari, sample.id)
    assert [entry.event for entry in view.entries] == ["ask", "take", "receive", "report"]
    assert view.sample.seal == "A-17"
    assert (view.sample.seal_state, view.sample.outcome, view.sample.measured) == (
        SealState.WHOLE,
        LabOutcome.RAISED,
        812.0,
    )
    assert isinstance(field.desk.journal, MemoryJournal)
    lines = [record for record in field.desk.journal.records if record.subject == f"sample:{sample.id}"]
    assert [line.facts["digest"] for line in lines if "digest" in line.facts] == [each.digest for each in view.entries]


def test_a_later_report_corrects_an_earlier_one_and_both_stay() -> None:
    """In the chain."""
    field = Field()
    sample = field.in_state(SampleState.REPORTED)
    usual = Found(outcome=LabOutcome.USUAL, reference="2026/311b")
    assert custody.report(field.desk, field.kari, sample.id, usual).outcome is LabOutcome.USUAL
    texts = [entry.text for entry in custody.sample_view(field.desk, field.kari, sample.id).entries[-2:]]
    assert texts == ["raised, 812 per m3 (2026/311)", "usual (2026/311b)"]


def test_public_health_is_called_once_about_the_same_thing_and_again_about_a_result() -> None:
    """The words say where, how much and what is next, and never what it is."""
    field = Field()
    field.on_call()
    sample = field.asked()
    for _ in range(2):
        sample = custody.tell(field.desk, field.kari, sample.id)
    first = sample.notice
    for event in (_E.TAKE, _E.RECEIVE, _E.REPORT, _E.TELL):
        sample = ACTS[event](field.desk, field.kari, sample.id)
    assert first is not None
    assert sample.notice not in (None, first)
    with field.desk.store.read() as unit:
        text = unit.notices.get(sample.notice).text  # type: ignore[arg-type]  # said above
    assert "The laboratory says raised, 812 per m3; its report is 2026/311." in text


def test_where_nobody_is_public_health_it_says_so_and_what_to_do() -> None:
    """By telephone, and noted."""
    field = Field()
    with pytest.raises(Conflict, match="public health on duty") as refused:
        custody.tell(field.desk, field.kari, field.asked().id)
    assert "telephone" in refused.value.remedy


def test_there_is_no_field_for_what_it_is() -> None:
    """Neither in a sample nor in what a laboratory says here."""
    names = {each.name for kind in (FieldSample, Found) for each in fields(kind)}
    assert not names & {"species", "agent", "pathogen", "organism", "identity", "strain"}


@pytest.mark.parametrize("name", ["dag", "ane", "per"])
def test_who_may_not_write_it_down_is_refused(name: str) -> None:
    """The officer and the analyst see it; IT security not even that."""
    field = Field()
    sample = field.asked()
    with pytest.raises(Refused):
        custody.call_off(field.desk, field.room.who(name), sample.id, why="x")
    if name == "per":
        with pytest.raises(Refused):
            custody.samples(field.desk, field.room.who(name))
    else:
        assert custody.samples(field.desk, field.room.who(name)) == (sample,)
        assert custody.sample_view(field.desk, field.room.who(name), sample.id).may_do == ()


def test_a_second_request_at_one_sampler_waits_for_the_first() -> None:
    """Until it was taken or called off."""
    field = Field()
    first = field.asked()
    with pytest.raises(Conflict, match="not taken yet"):
        field.asked()
    custody.call_off(field.desk, field.kari, first.id, why="a fault")
    assert field.asked().id != first.id


def test_a_sample_that_nobody_takes_in_time_reads_as_late() -> None:
    """After the thirty minutes of the playbook."""
    field = Field()
    sample = field.asked()
    field.room.later(minutes=31)
    assert custody.sample_view(field.desk, field.kari, sample.id).is_late


def test_what_makes_no_sense_is_refused_before_anything_is_written() -> None:
    """An unknown sampler, no reason, a year, a closed incident, no seal, an amount below nought."""
    field = Field()
    with pytest.raises(Unknown):
        field.asked(sampler=ThingKey("air/none"))
    with pytest.raises(Malformed):
        field.asked(why=" ")
    with pytest.raises(Malformed):
        field.asked(minutes=525_600)
    sample = field.asked()
    with pytest.raises(Malformed):
        custody.take(field.desk, field.kari, sample.id, seal=" ", holder="team", place="steps")
    with pytest.raises(Malformed):
        custody.report(
            field.desk, field.kari, sample.id, Found(outcome=LabOutcome.RAISED, reference="1", measured=-1.0)
        )
    incidents.close(field.desk, field.kari, field.room.incident, outcome="over")
    custody.call_off(field.desk, field.kari, sample.id, why="over")
    with pytest.raises(Conflict, match="closed"):
        field.asked()


def test_the_platform_itself_asks_for_no_sample() -> None:
    """Only people do."""
    field = Field()
    nobody = Actor(name="platform:bacteria", role=Role.PLATFORM)
    with pytest.raises(Refused):
        custody.ask(field.desk, nobody, Wanted(sampler=SAMPLER, why=WHY))
