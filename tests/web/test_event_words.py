"""Every event that the desk writes into a timeline or a history has words for people."""

import ast
import re
from collections.abc import Iterator

import pytest

from impetus.core.actor import Role
from impetus.core.alert import AlertEvent
from impetus.core.incident import IncidentEvent
from impetus.core.run import RunEventKind
from impetus.core.warning import WarningEvent
from impetus.desk import effect_step, warning_step
from impetus.settings import LANGUAGES
from impetus.web.event_words import ALERT, INCIDENT, ROLES, alert_words, incident_words, role_words
from impetus.web.i18n import load_words
from laws.tree import SRC, modules

GROUPS = (
    "playbook",
    "methane",
    "objective",
    "sector",
    "link",
    "share",
    "notice",
    "effect",
    "warning",
    "reveal",
    "identity",
)
NAMED = re.compile(rf"({'|'.join(GROUPS)})\.[a-z_]+")
NOT_OF_A_TIMELINE = {
    "share.json": "a file's name",
    "share.report": "a line of the log",
    "notice.call_off": "a line of the log",
    "notice.move": "a line of the log",
    "notice.retry": "a line of the log",
    "notice.send": "a line of the log",
    "notice.try": "a line of the log",
    "playbook.type": "what a link's undoing looks for",
    "identity.absent": "a probe's answer",
}
"""Names of the same form in the desk that no timeline gets, each with what it is."""


def named_in_the_desk() -> Iterator[str]:
    """Yield every `group.verb` that stands as a text in the desk."""
    for module in modules(SRC):
        if module.path.parent.name != "desk":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMED.fullmatch(node.value):
                yield node.value


def test_every_group_and_verb_of_the_desk_has_words() -> None:
    """A new one without words would show its name from the program to people."""
    found = set(named_in_the_desk())
    assert len(found) > 30
    assert found - set(INCIDENT) - set(NOT_OF_A_TIMELINE) == set()


def test_each_exception_is_still_in_the_desk_and_has_no_words() -> None:
    """The list may only shrink."""
    assert set(NOT_OF_A_TIMELINE) <= set(named_in_the_desk())
    assert set(NOT_OF_A_TIMELINE) & set(INCIDENT) == set()


@pytest.mark.parametrize("event", RunEventKind)
def test_every_event_of_a_run_has_words(event: RunEventKind) -> None:
    """The desk puts `playbook.` before each."""
    assert f"playbook.{event.value}" in INCIDENT


@pytest.mark.parametrize("verb", ["draft", *WarningEvent])
def test_every_step_of_a_warning_has_words(verb: str) -> None:
    """Those of its table and its beginning; each is a sentence of the desk, too."""
    assert f"warning.{verb}" in INCIDENT
    assert str(verb) in warning_step.SAYINGS


@pytest.mark.parametrize("event", effect_step.SAYINGS)
def test_every_step_of_an_effect_has_words(event: str) -> None:
    """The desk has a sentence for each, the page a name."""
    assert event in INCIDENT


@pytest.mark.parametrize("event", IncidentEvent)
def test_every_event_of_an_incident_has_words(event: IncidentEvent) -> None:
    """The lifecycle's own."""
    assert incident_words(event.value) == INCIDENT[event.value]


@pytest.mark.parametrize("event", [*AlertEvent, "raise", "join_finding", "move", "link", "unlink", "undo", "plant"])
def test_every_event_of_an_alert_has_words(event: str) -> None:
    """The lifecycle's own, and what links and planted tests write."""
    assert alert_words(str(event)) == ALERT[str(event)]


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_name(role: Role) -> None:
    """Of people, of machines, of the platform itself."""
    assert role_words(role.value) == ROLES[role.value]


def test_what_has_no_words_stands_for_itself() -> None:
    """An event of a later version is shown by its name, and 50 % of it breaks no page."""
    assert incident_words("later.event 50 %") == "Later.event 50 %"
    assert alert_words("") == ""
    assert role_words("<b>") == "<b>"


def test_no_two_events_of_a_timeline_read_the_same() -> None:
    """Two different things in the same words would be told apart by nobody."""
    assert len(set(INCIDENT.values())) == len(INCIDENT)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_the_words_are_in_the_catalogues(language: str) -> None:
    """Every one is translated; a name that is the same in two languages is the exception."""
    words = load_words()[language]
    said = {*INCIDENT.values(), *ALERT.values(), *ROLES.values()}
    same = {text for text in said if words.gettext(text) == text}
    assert same <= {"Operator", "Supervisor", "Service", "Integrator", "Administrator"}
