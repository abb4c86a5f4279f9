"""A night on call: a severe alert nobody takes goes from person to person and from way to way, until somebody has it."""

from dataclasses import replace
from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest

from desk.call_house import MASKS
from impetus.core.actor import Actor, Role
from impetus.core.alert import AlertState
from impetus.core.call import PlanKind
from impetus.core.errors import NotNow
from impetus.core.finding import Severity
from impetus.desk import contacts, notices, on_call_desk
from impetus.desk.channel_health import check_channel, tell_channels
from impetus.desk.deliver import send_due
from impetus.desk.escalate import watch_notices, watch_untaken
from impetus.desk.notice_reading import NoticeView, RecipientView, asked_of_me, notices_view
from impetus.ports import AlertQuery
from impetus.processes.call_plan import Escalation
from impetus.processes.on_call import EscalationStep, Override, Rotation
from impetus.testing.channels import MemoryChannels, RecordingChannel
from impetus.testing.desk import clock_of
from stories.people import Person
from stories.story import EVENING, Act, Expected, Story
from stories.words import alert, fuse, noticed, refused

SHORT = 5
READER = Actor(name="reader", role=Role.SUPERVISOR)
DOWN = NotNow("the mail server does not answer", retry_after_s=5.0)
DUTY = Rotation(
    name="duty", people=("ada", "bo"), begins=date(2026, 3, 9), days=7, handover=time(7), zone="Europe/Oslo"
)
NIGHT = Escalation(
    name="night",
    steps=(
        EscalationStep(asks=("rotation:duty",), wait=timedelta(minutes=5)),
        EscalationStep(asks=("sol",), wait=timedelta(minutes=10)),
    ),
    alerts_from=Severity.SEVERE,
    untaken=timedelta(minutes=5),
)


@pytest.fixture
def night(story: Story, people: SimpleNamespace) -> Story:
    """Return a night on which ada and bo are reached by mail, sol by chat, and an escalation stands."""
    book = MemoryChannels(ways={"mail": RecordingChannel(), "chat": RecordingChannel(kind="matrix")})
    story.desk = replace(story.desk, channels=book, text_masks=MASKS)
    for person, way in ((people.ada, "mail"), (people.bo, "mail"), (people.sol, "chat")):
        contacts.put_contact(story.desk, person.actor, way, f"{person.name}@{way}.example")
    on_call_desk.save_rotation(story.desk, people.sol.actor, DUTY, version=0)
    on_call_desk.save_escalation(story.desk, people.sol.actor, NIGHT, version=0)
    return story


def way(story: Story, name: str) -> RecordingChannel:
    """Return a channel of the story."""
    found = story.desk.channels.channels()[name]
    assert isinstance(found, RecordingChannel)
    return found


def minutes(count: float) -> Act:
    """Let minutes pass in strides, with everything that runs beside: watching, sending, checking."""
    stride = 0.5 if count <= SHORT else SHORT

    def act(story: Story) -> None:
        for _ in range(max(1, round(count / stride))):
            clock_of(story.desk).advance(60 * min(stride, count))
            watch_untaken(story.desk)
            for _ in range(4):
                watch_notices(story.desk)
                for name in story.desk.channels.channels():
                    send_due(story.desk, name)
            for name in story.desk.channels.channels():
                check_channel(story.desk, name)
        tell_channels(story.desk)
        fuse(story)

    return Act(says=f"{count:g} minutes pass", does=act)


def mail_dies() -> Act:
    """Let the mail server fall silent."""
    return Act(says="the mail server falls silent", does=lambda story: setattr(way(story, "mail"), "trouble", DOWN))


def mail_is_back() -> Act:
    """Let the mail server answer again."""
    return Act(says="the mail server is back", does=lambda story: setattr(way(story, "mail"), "trouble", None))


def presses_the_link(channel: str) -> Act:
    """Let whoever got the newest message about the story's alert press its link."""

    def act(story: Story) -> None:
        number = f"alert {story.alert_id}"
        message = next(one for one, _ in reversed(way(story, channel).sent) if one.number == number)
        notices.acknowledge_by_token(story.desk, message.answer_link.rpartition("/")[2])

    return Act(says=f"the link of the newest message by {channel} is pressed", does=act)


def asked(*names: str) -> Expected:
    """Expect that these were asked, in this order, and nobody else."""
    return Expected(
        says=f"asked: {', '.join(names) or 'nobody'}",
        fails=lambda story: "" if [one.person for one in recipients(story)] == list(names) else str(recipients(story)),
    )


def messages(channel: str, *addresses: str) -> Expected:
    """Expect that a channel brought messages to these addresses so far."""

    def fails(story: Story) -> str:
        sent = [address for _, address in way(story, channel).sent]
        return "" if sent == list(addresses) else f"by {channel}: {sent}"

    return Expected(says=f"{channel}: {', '.join(addresses) or 'nothing'}", fails=fails)


def over(why: str) -> Expected:
    """Expect that nobody is asked any more."""

    def fails(story: Story) -> str:
        ends = [view.notice.ended_why for view in views(story)]
        return "" if ends == [why] else f"ended: {ends}"

    return Expected(says=f"it ended: {why}", fails=fails)


def dead_channel_alerts(count: int) -> Expected:
    """Expect so many open alerts that a channel brings nothing."""

    def fails(story: Story) -> str:
        found = about_channels(story)
        return "" if len(found) == count else f"alerts about channels: {found}"

    return Expected(says=f"{count} alerts about a channel", fails=fails)


def views(story: Story) -> tuple[NoticeView, ...]:
    """Return the notices about the alert the story is about."""
    return tuple(view for view in notices_view(story.desk, READER) if view.notice.alert == story.alert_id)


def recipients(story: Story) -> tuple[RecipientView, ...]:
    """Return who was asked about the alert the story is about."""
    return tuple(one for view in views(story) for one in view.recipients)


def about_channels(story: Story) -> list[str]:
    """Return the subjects of open alerts about channels."""
    with story.desk.store.read() as unit:
        found = unit.alerts.find(AlertQuery(states=(AlertState.NEW,))).items
    return [each.subject for each in found if each.subject.startswith("channel:")]


CRUSH = {"subject": "zone:north", "severity": Severity.SEVERE}


def test_nobody_answers_the_first_step_and_the_second_by_another_way_has_it(
    night: Story, people: SimpleNamespace
) -> None:
    """21:00 severe; 21:05 ada by mail; 21:10 sol by chat, whose link ends it; the alert itself still waits to be taken."""
    night >> noticed("a crush at E1", **CRUSH) << alert(state=AlertState.NEW)
    night >> minutes(4.5) << asked() << messages("mail")
    night >> minutes(0.5) << asked("ada") << messages("mail", "ada@mail.example")
    night >> minutes(4.5) << asked("ada")
    night >> minutes(0.5) << asked("ada", "sol") << messages("chat", "sol@chat.example")
    night >> presses_the_link("chat") >> minutes(0.5) << over("acknowledged by sol")
    night >> minutes(30) << asked("ada", "sol") << messages("mail", "ada@mail.example")
    night << messages("chat", "sol@chat.example")
    assert asked_of_me(night.desk, people.ada.actor) == ()
    assert night.alert().state is AlertState.NEW


def test_a_dead_channel_raises_an_alert_and_the_next_step_is_asked_without_waiting(night: Story) -> None:
    """Mail is silent when ada is due: that is an alert, which calls sol by itself; sol is asked about E1, too, and ada's time is left out."""
    night >> mail_dies() >> minutes(3) << dead_channel_alerts(1)
    night >> noticed("a crush at E1", **CRUSH) >> minutes(5) << asked("ada", "sol")
    night << messages("mail") << messages("chat", "sol@chat.example", "sol@chat.example")
    night >> mail_is_back() >> minutes(2) << dead_channel_alerts(1) >> presses_the_link("chat") >> minutes(0)
    night << over("acknowledged by sol")
    assert {one.person: one.state for one in recipients(night)}["sol"] == "acknowledged"


def test_taking_the_alert_ends_the_calling(night: Story, people: SimpleNamespace) -> None:
    """Bo sees it on the screen and takes it; ada's telephone stays still from then on, and her link says that it is over."""
    night >> noticed("a crush at E1", **CRUSH) >> minutes(5) << asked("ada")
    night >> people.bo.acknowledges() << alert(state=AlertState.HELD, owner="bo")
    night >> minutes(0) << over("the alert is held: bo") >> minutes(60) << asked("ada")
    token = way(night, "mail").sent[-1][0].answer_link.rpartition("/")[2]
    assert notices.look_at_link(night.desk, token).state == "over"


def test_an_alert_taken_in_time_calls_nobody(night: Story, people: SimpleNamespace) -> None:
    """Nor does one that is less than severe."""
    night >> noticed("a crush at E1", **CRUSH) >> people.ada.acknowledges() >> minutes(20) << asked()
    night >> noticed("a few people", subject="zone:west", severity=Severity.MODERATE) >> minutes(20) << asked()
    night << messages("mail") << messages("chat")


def test_who_stands_in_tonight_is_asked_instead(night: Story, people: SimpleNamespace) -> None:
    """Ada has the turn and fell ill: bo is asked; an operator may not arrange that, a supervisor may."""
    ill = Override(rotation="duty", person="bo", begins=EVENING, ends=EVENING + timedelta(hours=12), why="ada fell ill")

    def puts_in(who: Person) -> Act:
        return Act(
            says=f"{who.name} lets bo stand in", does=lambda story: on_call_desk.stand_in(story.desk, who.actor, ill)
        )

    night >> puts_in(people.ada) << refused("ada (operator) may not calls.manage")
    night >> puts_in(people.sol) >> noticed("a crush at E1", **CRUSH) >> minutes(5) << asked("bo")
    night << messages("mail", "bo@mail.example")


def test_an_escalation_ended_while_it_asks_goes_on_as_it_was_and_asks_nobody_next_time(
    night: Story, people: SimpleNamespace
) -> None:
    """What was begun keeps its own plan: sol is still asked at 21:10; the next alert calls nobody."""
    night >> noticed("a crush at E1", **CRUSH) >> minutes(5) << asked("ada")
    on_call_desk.retire(night.desk, people.sol.actor, PlanKind.ESCALATION, "night", version=1)
    night >> minutes(5) << asked("ada", "sol")
    night >> noticed("another", subject="zone:west", severity=Severity.SEVERE) >> minutes(10)
    night << asked()
