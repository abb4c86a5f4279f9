"""The operator's path, from what a tool notices to what a person decides."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from impetus.core.actor import Role
from impetus.core.alert import AlertState, Verdict
from impetus.core.finding import Kind, Severity
from impetus.core.ids import AlertId, ToolId
from impetus.core.incident import IncidentState
from stories.story import SQUARE, Story
from stories.words import (
    alert,
    history,
    incident,
    is_nobodys,
    nothing_published,
    noticed,
    refused,
    time_passes,
)

NEW, HELD, OFFERED = AlertState.NEW, AlertState.HELD, AlertState.OFFERED
SHELVED, CLOSED = AlertState.SHELVED, AlertState.CLOSED


def test_an_alert_is_seen_taken_judged_and_closed(story: Story, people: SimpleNamespace) -> None:
    """The plain path: every step is shown, only the first one sounds, and the history says it all."""
    story.at("21:04") >> noticed("many people in the south-east")
    story << alert("many people", to=Role.OPERATOR, state=NEW, sound=True)
    story >> people.ada.acknowledges() << alert(state=HELD, owner="ada", sound=False)
    story.at("21:06") >> people.ada.assesses(Verdict.CONFIRMED) << alert(state=HELD, sound=False)
    story.at("21:30") >> people.ada.closes() << alert(state=CLOSED) << is_nobodys()
    story << history("raise", "acknowledge", "assess", "close")
    assert story.alert().verdict is Verdict.CONFIRMED


def test_an_acknowledgement_can_be_undone(story: Story, people: SimpleNamespace) -> None:
    """Taken by mistake: it waits for somebody again, and both steps stay written."""
    story >> noticed() >> people.ada.acknowledges() >> people.ada.undoes() << alert(state=NEW) << is_nobodys()
    story >> people.bo.acknowledges() << alert(state=HELD, owner="bo")
    story << history("raise", "acknowledge", "undo", "acknowledge")


def test_only_the_owner_or_a_supervisor_undoes(story: Story, people: SimpleNamespace) -> None:
    """Another operator's undo is refused with the owner's name; a supervisor's is not."""
    story >> noticed() >> people.ada.acknowledges()
    story >> people.bo.undoes() << refused("ada holds it") << nothing_published()
    story >> people.sol.undoes() << alert(state=NEW)


def test_who_closed_may_take_it_back_and_another_may_not(story: Story, people: SimpleNamespace) -> None:
    """A closed alert has no owner; its closing is still somebody's."""
    story >> noticed() >> people.ada.assesses(Verdict.BENIGN) >> people.ada.closes()
    story >> people.bo.undoes() << refused("only the owner or a supervisor", "ada")
    story >> people.ada.undoes() << alert(state=HELD, owner="ada")


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_a_full_answer(story: Story, people: SimpleNamespace, verdict: Verdict) -> None:
    """Each one, "not enough information" as well, takes a new alert and lets it be closed."""
    story >> noticed() >> people.ada.assesses(verdict) << alert(state=HELD, owner="ada")
    story >> people.ada.closes() << alert(state=CLOSED)


def test_nothing_is_closed_without_a_verdict(story: Story, people: SimpleNamespace) -> None:
    """Closing what was not judged is refused, and the answer says what would be a full one."""
    story >> noticed() >> people.ada.acknowledges() >> people.ada.closes()
    story << refused("has no verdict", "not_enough_information") << nothing_published()


def test_a_shelved_alert_comes_back_when_its_time_is_over(story: Story, people: SimpleNamespace) -> None:
    """Put aside for an hour: quiet through repeats, then loud again and nobody's."""
    story.at("21:00") >> noticed() >> people.ada.shelves(hours=1) << alert(state=SHELVED) << is_nobodys()
    story.at("21:30") >> noticed(times=50) << nothing_published()
    story.at("21:59") >> time_passes() << nothing_published()
    story.at("22:00") >> time_passes() << alert(state=NEW, repeats=50, sound=True)
    story << history("raise", "shelve", "wake")


def test_a_shelved_alert_comes_back_when_it_gets_worse(story: Story, people: SimpleNamespace) -> None:
    """The shelf does not hold what becomes severe."""
    story >> noticed(severity=Severity.MINOR) >> people.ada.shelves(hours=8)
    story.at("21:20") >> noticed("a crush at the exit", severity=Severity.SEVERE)
    story << alert("a crush at the exit", state=NEW, severity=Severity.SEVERE, sound=True)
    story >> people.bo.acknowledges() << alert(state=HELD, owner="bo")


@pytest.mark.parametrize(("hours", "why"), [(0, "works"), (-1, "works"), (7 * 24 + 0.1, "works"), (1, "  ")])
def test_a_shelf_needs_a_reason_and_an_end_within_a_week(
    story: Story, people: SimpleNamespace, hours: float, why: str
) -> None:
    """No end, an end in the past, an end too far off, no reason: refused, and the alert stands as it stood."""
    story >> noticed() >> people.ada.shelves(hours=hours, why=why) << refused("remedy")
    assert story.alert().state is NEW


def test_handing_on_takes_a_yes(story: Story, people: SimpleNamespace) -> None:
    """Until bo accepts it is ada's; then it is bo's, and at no time both's."""
    story >> noticed() >> people.ada.acknowledges() >> people.ada.hands_to(people.bo)
    story << alert(state=OFFERED, owner="ada", sound=True)
    story >> people.sol.accepts() << refused("only the person asked answers", "bo")
    story >> people.bo.accepts() << alert(state=HELD, owner="bo")
    story >> people.ada.closes() << refused("only the owner or a supervisor")


def test_handing_on_can_be_declined_and_taken_back(story: Story, people: SimpleNamespace) -> None:
    """A no leaves it with its owner, who hears it; a second thought takes the question back."""
    story >> noticed() >> people.ada.acknowledges() >> people.ada.hands_to(people.bo)
    story >> people.bo.declines("I have three already") << alert(state=HELD, owner="ada", sound=True)
    story >> people.ada.hands_to(people.bo) >> people.ada.undoes() << alert(state=HELD, owner="ada")
    story >> people.bo.accepts() << refused("was not handed to anybody")


def test_work_is_handed_only_to_those_who_may_do_it(story: Story, people: SimpleNamespace) -> None:
    """An auditor, the owner and a stranger cannot be handed an alert."""
    stranger = replace(people.bo, actor=replace(people.bo.actor, name="nobody"))
    story >> noticed() >> people.ada.acknowledges()
    story >> people.ada.hands_to(people.aud) << refused("aud (auditor) may not take it")
    story >> people.ada.hands_to(people.ada) << refused("ada has it already")
    story >> people.ada.hands_to(stranger) << refused("nobody here is called")


def test_two_people_click_at_once_and_one_of_them_has_it(story: Story, people: SimpleNamespace) -> None:
    """Both saw it new; the second is told who was first and when, and nothing changes for the first."""
    story.at("21:04") >> noticed() >> people.ada.sees() >> people.bo.sees()
    story.at("21:04:05") >> people.ada.acknowledges() << alert(state=HELD, owner="ada")
    story.at("21:04:06") >> people.bo.acknowledges()
    story << refused("changed since you saw it", "ada: acknowledge at 21:04:05") << nothing_published()
    assert story.alert().owner == "ada"


def test_an_alert_that_repeats_every_second_can_be_taken(story: Story, people: SimpleNamespace) -> None:
    """Repeats raise the version and stand in nobody's way."""
    story >> noticed() >> people.ada.sees() >> noticed(times=20) >> people.ada.acknowledges()
    story << alert(state=HELD, owner="ada", repeats=20)


def test_what_got_worse_must_be_looked_at_before_it_is_put_aside(story: Story, people: SimpleNamespace) -> None:
    """Ada saw a minor one; meanwhile it became severe: her shelf is refused, her acknowledgement would not be."""
    story >> noticed(severity=Severity.MINOR) >> people.ada.sees() >> people.bo.sees()
    story >> noticed(severity=Severity.SEVERE)
    story >> people.ada.shelves(hours=2) << refused("changed since you saw it", "worsen")
    story >> people.bo.acknowledges() << alert(state=HELD, owner="bo")


def test_a_thousand_repeats_are_one_alert(story: Story, people: SimpleNamespace) -> None:
    """Never an alert per reading: one alert that says 1,000, and a history of one line."""
    story.at("21:00") >> noticed() >> noticed(times=1_000) << history("raise")
    assert story.alert().repeats == 1_000
    assert story.alert_id == 1
    assert len(story.changes()) <= 4, "a batch tells the screens once"
    assert len(story.alert().evidence) <= 8


def test_what_two_tools_see_together_is_one_alert(story: Story, people: SimpleNamespace) -> None:
    """The square fills, a camera beside it goes dark: one alert, both tools, the worse headline, one person."""
    story.at("21:04") >> noticed("many people") >> people.ada.acknowledges()
    camera = {"kind": Kind.SILENCE, "tool": ToolId("platform"), "subject": "thing:square/c11", "point": SQUARE}
    story.at("21:06") >> noticed("camera C11 is dark", severity=Severity.SEVERE, **camera)
    story << alert("camera C11 is dark", state=HELD, owner="ada", severity=Severity.SEVERE, sound=True)
    assert story.alert().tools == ("urban_anomaly", "platform")
    assert "0 m and 120 s apart" in story.alert().why.say()
    story << history("raise", "acknowledge", "worsen", "join_finding")


def test_an_incident_from_opening_to_closing(story: Story, people: SimpleNamespace) -> None:
    """Opened from an alert nobody had taken: the alert is taken with it; a decision is made, and corrected openly."""
    story.at("21:10") >> noticed(severity=Severity.SEVERE) >> people.ada.opens_incident("Crowd at the quay")
    story << incident(IncidentState.OPEN, owner="ada", severity=Severity.SEVERE) << alert(state=HELD, owner="ada")
    story.at("21:12") >> people.bo.notes("ferry is late, people wait") << incident(IncidentState.OPEN)
    story.at("21:15") >> people.ada.decides("open exit 3", "wait", reason="the quay is full")
    story >> people.ada.decides("wait", "open exit 3", reason="exit 3 is being repaired", corrects=story.decisions[0])
    story >> people.ada.decides("wait", "go", reason="again", corrects=story.decisions[0])
    story << refused("was corrected by ada")
    story >> people.ada.hands_incident_to(people.bo) << incident(IncidentState.OFFERED, owner="ada")
    story >> people.bo.accepts_incident() << incident(IncidentState.OPEN, owner="bo")
    story.at("22:30") >> people.ada.closes_incident("dispersed") << refused("only the owner or a supervisor")
    story >> people.bo.closes_incident("  ") << refused("outcome")
    story >> people.bo.closes_incident("the ferry came, the crowd dispersed") << incident(IncidentState.CLOSED)
    story >> people.ada.decides("a", "b", reason="late") << refused("it is closed")
    story >> people.bo.reopens_incident("they are back") << incident(IncidentState.OPEN, owner="bo")


def test_an_incident_is_as_bad_as_the_worst_of_its_alerts(story: Story, people: SimpleNamespace) -> None:
    """Two alerts far apart, one incident; an alert is in one incident only."""
    story >> noticed(severity=Severity.MINOR)
    story >> noticed("smoke", subject="zone:north", point=None, severity=Severity.EXTREME)
    story >> people.ada.opens_incident("Evening", AlertId(1), AlertId(2))
    story << incident(IncidentState.OPEN, severity=Severity.EXTREME)
    story >> people.bo.opens_incident("The same again", AlertId(2)) << refused("is in incident 1 already")


def test_what_is_over_can_be_taken_up_again(story: Story, people: SimpleNamespace) -> None:
    """Reopening takes it, needs a reason, and keeps the history."""
    story >> noticed() >> people.ada.assesses(Verdict.FALSE_ALARM) >> people.ada.closes()
    story >> people.bo.reopens("") << refused("the reason is empty")
    story >> people.bo.reopens("it was not false") << alert(state=HELD, owner="bo")
    story << history("raise", "assess", "close", "reopen")


def test_after_closing_a_new_episode_is_a_new_alert(story: Story, people: SimpleNamespace) -> None:
    """Within a quarter of an hour more of the same is what was judged; an hour later it is news."""
    story.at("21:00") >> noticed() >> people.ada.assesses(Verdict.BENIGN) >> people.ada.closes()
    story.at("21:10") >> noticed() << nothing_published()
    story.at("22:30") >> noticed() << alert(state=NEW, sound=True, repeats=0)
    assert story.alert_id == 2


def test_those_who_only_look_change_nothing(story: Story, people: SimpleNamespace) -> None:
    """An auditor's every act is refused with the rule and with who may; no screen is told."""
    story >> noticed()
    for act in (
        people.aud.acknowledges(),
        people.aud.undoes(),
        people.aud.assesses(Verdict.BENIGN),
        people.aud.shelves(hours=1),
        people.aud.hands_to(people.bo),
        people.aud.accepts(),
        people.aud.declines(),
        people.aud.closes(),
        people.aud.reopens(),
        people.aud.opens_incident("mine"),
        people.aud.decides("a", "b", reason="c"),
    ):
        story >> act << nothing_published()
        story << refused("auditor: sees what was done and changes nothing", "operator, supervisor")
    story << history("raise")
