"""The playbooks that come with the platform: each is right, says where it comes from, and gives the help it promises."""

from importlib import resources

import pytest

from impetus.adapters.playbook_file import read_document, write_front
from impetus.processes.check_playbook import check_playbook
from impetus.processes.playbook import Playbook
from impetus.processes.playbook_text import Front, read_playbook, write_steps

SHIPPED = sorted(
    (file.name, file.read_text(encoding="utf-8"))
    for file in resources.files("impetus.processes").joinpath("library").iterdir()
    if file.name.endswith(".md")
)


def _read(text: str) -> Playbook:
    document = read_document(text)
    assert document.flaws == ()
    front = Front(**document.values, lines=document.lines)  # type: ignore[arg-type]  # each value has its field's type
    playbook, faults = read_playbook(front, document.body)
    assert check_playbook(playbook, faults) == ()
    return playbook


def test_there_is_one_for_each_of_the_dozen_types() -> None:
    """File and type have one name."""
    assert len(SHIPPED) == 12
    for name, text in SHIPPED:
        assert _read(text).incident_type == name.removesuffix(".md").replace("-", "_")


@pytest.mark.parametrize(("name", "text"), SHIPPED, ids=[name for name, _ in SHIPPED])
def test_a_shipped_playbook_is_right_and_short_enough_to_follow(name: str, text: str) -> None:
    """No fault, at most sixteen steps, words that fit on a card, a first step with a limit or that must be done."""
    playbook = _read(text)
    assert 6 <= len(playbook.steps) <= 16, name
    assert all(len(step.text) <= 140 for step in playbook.steps)
    assert playbook.steps[0].is_mandatory or playbook.steps[0].time_out
    assert playbook.summary


@pytest.mark.parametrize(("name", "text"), SHIPPED, ids=[name for name, _ in SHIPPED])
def test_writing_a_shipped_playbook_and_reading_it_again_changes_nothing(name: str, text: str) -> None:
    """The editor may save what it loaded."""
    playbook = _read(text)
    values = {
        "title": playbook.title,
        "incident_type": playbook.incident_type,
        "version": playbook.version,
        "roles": playbook.roles,
        "summary": playbook.summary,
        "sources": playbook.sources,
    }
    again = _read(write_front(values) + write_steps(playbook.steps))
    assert [step.ways() for step in again.steps] == [step.ways() for step in playbook.steps], name
    assert (again.title, again.roles, again.sources) == (playbook.title, playbook.roles, playbook.sources)


@pytest.mark.parametrize(("name", "text"), SHIPPED, ids=[name for name, _ in SHIPPED])
def test_nobody_is_asked_to_follow_or_name_a_person(name: str, text: str) -> None:
    """Checklists speak of places, objects and acts: no face, no name, no list of people."""
    words = text.lower()
    assert not [
        word for word in ("face recognition", "identify the", "watch-list", "social media account") if word in words
    ], name
