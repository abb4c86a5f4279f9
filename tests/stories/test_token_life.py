"""The life of a service token: issued for something, used for that and nothing else, and over when it is over."""

from types import SimpleNamespace

import pytest

from impetus.core.actor import Actor, Role, console
from impetus.core.ids import AlertId
from impetus.desk import read, tokens, triage
from impetus.desk.context import Desk
from impetus.desk.ingest import source_of
from impetus.ports import AlertQuery
from stories.door import Program
from stories.story import Act, Story
from stories.words import nothing_published, noticed, refused

UNKNOWN = ("this token is unknown, expired or revoked", "ask an administrator")


@pytest.fixture
def wall() -> Program:
    """Return the program behind the screen on the wall."""
    return Program("wall")


def does(says: str, program: Program, act: object) -> Act:
    """Let a program ask the desk for something."""
    return Act(says=f"{program.name} {says}", does=lambda story: act(story.desk, program.actor(story)))  # type: ignore[operator]  # an act on the desk


def reads(program: Program) -> Act:
    """Let it read alerts."""
    return does("reads alerts", program, lambda desk, who: read.list_alerts(desk, who, AlertQuery()))


def test_a_token_reads_what_it_is_for_and_judges_nothing(story: Story, people: SimpleNamespace, wall: Program) -> None:
    """It shows the alerts; acknowledging one is refused with the reason, and no screen is told."""
    story >> noticed() >> wall.is_given("alerts.read") >> reads(wall)
    story >> does("acknowledges", wall, lambda desk, who: triage.acknowledge(desk, who, AlertId(1)))
    story << nothing_published() << refused("a token does not judge, decide or admit; a person does")
    story >> does("reads series", wall, read.latest)
    story << refused("issue a token that carries history.read")


def test_a_token_ends_at_its_hour(story: Story, people: SimpleNamespace, wall: Program) -> None:
    """Good to the last second of its eight hours."""
    story.at("21:00") >> wall.is_given("alerts.read", hours=8)
    story.at("04:59:59") >> reads(wall)
    story.at("05:00") >> reads(wall) << refused(*UNKNOWN)


def test_a_leaked_token_is_revoked_at_once_and_stays_listed(
    story: Story, people: SimpleNamespace, wall: Program
) -> None:
    """From the next request on it is nobody's; that it was there, and until when, can be read."""
    story.at("21:00") >> wall.is_given("alerts.read") >> reads(wall)
    story.at("21:30") >> wall.is_revoked()
    story.at("21:31") >> wall.comes() << refused(*UNKNOWN)
    story.at("22:00") >> wall.is_revoked()
    (listed,) = tokens.everything(story.desk, console())
    assert listed.revoked_at is not None
    assert f"{listed.revoked_at:%H:%M}" == "21:30", "the first time counts"


def test_revoking_one_leaves_the_others(story: Story, people: SimpleNamespace, wall: Program) -> None:
    """Two programs of the same name have two secrets."""
    other = Program("wall")
    story >> wall.is_given("alerts.read") >> other.is_given("alerts.read") >> wall.is_revoked()
    story >> wall.comes() << refused(*UNKNOWN)
    story >> reads(other)


def test_a_sensors_token_writes_for_its_own_source(story: Story, people: SimpleNamespace) -> None:
    """Bound to the square; a token bound to nothing may not write, whatever it carries."""
    square, loose = Program("square"), Program("loose")
    story >> square.is_given("observations.write", source="square") >> loose.is_given("observations.write")
    assert source_of(story.desk, square.actor(story)) == "square"
    story >> does("sends", loose, source_of) << refused("bound to no source")
    reader = Program("reader")
    story >> reader.is_given("alerts.read", source="square")
    story >> does("sends", reader, source_of) << refused("may not observations.write")


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        ((), "operations are none"),
        (("alerts.burn",), "alerts.burn"),
        (("alerts.read", "alerts.triage"), "a token cannot carry alerts.triage"),
        (("decisions.write",), "AI Act, article 14"),
        (("tokens.manage",), "let a person sign in"),
    ],
)
def test_some_tokens_are_never_issued(
    story: Story, people: SimpleNamespace, wall: Program, operations: tuple[str, ...], said: str
) -> None:
    """For nothing, for what there is not, and for what takes a person: refused, and none is stored."""
    story >> wall.is_given(*operations) << refused(said)
    assert tokens.everything(story.desk, console()) == ()


def test_nobody_but_an_administrator_issues_one(story: Story, people: SimpleNamespace) -> None:
    """Not a supervisor, not the platform, not a token that was given the world."""
    robot = Actor(name="token:robot", role=Role.SERVICE, operations=frozenset({"tokens.manage", "alerts.read"}))
    for who in (people.sol.actor, people.ada.actor, robot):
        story >> Act(says=f"{who.name} issues", does=lambda story, who=who: _issue(story.desk, who))
        story << refused("may not tokens.manage")
    assert tokens.everything(story.desk, console()) == ()


def _issue(desk: Desk, who: Actor) -> object:
    return tokens.issue(desk, who, "child", ["alerts.read"])


def test_a_secret_with_one_letter_changed_is_nobodys(story: Story, people: SimpleNamespace, wall: Program) -> None:
    """Every one of its letters counts; case does too."""
    story >> wall.is_given("alerts.read")
    for place in (4, 20, len(wall.secret) - 1):
        other = "A" if wall.secret[place] != "A" else "B"
        story >> wall.comes(wall.secret[:place] + other + wall.secret[place + 1 :]) << refused(*UNKNOWN)
    story >> wall.comes(wall.secret.upper()) << refused(*UNKNOWN)
    story >> wall.comes()
