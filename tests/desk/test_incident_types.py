"""Types and playbooks at the desk: who reads and writes, what is read once, and what a change makes different at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from desk.run_samples import DRILL, DRILL_TYPE
from desk.samples import AT, fuse, person, seen
from impetus.adapters.process_texts import ProcessFiles
from impetus.core.actor import Actor, Role
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.ids import AlertId
from impetus.core.playbook_document import Document, Fields, Plain
from impetus.core.text import Phrase
from impetus.desk import incident_types
from impetus.desk.context import Desk
from impetus.desk.incident_types import REMEMBERED, Draft
from impetus.testing.desk import memory_desk

REAL = ProcessFiles()


@dataclass(slots=True, eq=False)
class CountingTexts:
    """Fulfils `impetus.ports.runs.ProcessTexts` from a dict, and counts how often a text is cut into fields."""

    texts: dict[str, str] = field(default_factory=lambda: {"drill": DRILL_TYPE})
    cut: int = 0

    def read_document(self, text: str) -> Document:
        """Return a playbook's parts."""
        self.cut += 1
        return REAL.read_document(text)

    def write_front(self, values: Mapping[str, str | int | tuple[str, ...]]) -> str:
        """Return front matter."""
        return REAL.write_front(values)

    def read_fields(self, text: str) -> Fields:
        """Return the fields."""
        self.cut += 1
        return REAL.read_fields(text)

    def write_fields(self, values: Mapping[str, Plain]) -> str:
        """Return fields as text."""
        return REAL.write_fields(values)

    def shipped(self, kind: str, slug: str) -> str | None:
        """Return a type of the dict; the drill's playbook for every one of them."""
        return self.texts.get(slug) if kind == "type" else DRILL.replace("type: drill", f"type: {slug}")

    def shipped_slugs(self, kind: str) -> Sequence[str]:
        """Return the names."""
        return tuple(sorted(self.texts)) if kind else ()


@pytest.fixture
def texts() -> CountingTexts:
    """Return what comes with the platform: one type, one playbook."""
    return CountingTexts()


@pytest.fixture
def desk(texts: CountingTexts) -> Desk:
    """Return a desk over these texts."""
    return replace(memory_desk(AT), process_texts=texts)


@pytest.fixture
def sol(desk: Desk) -> Actor:
    """Return a supervisor."""
    return person(desk, "sol", Role.SUPERVISOR)


def titles(desk: Desk, who: Actor) -> list[str]:
    """Return the titles of the types as listed."""
    return [now.type.title for now in incident_types.types(desk, who)]


def test_a_text_is_read_once_however_often_the_types_are_listed(desk: Desk, sol: Actor, texts: CountingTexts) -> None:
    """Every page with a list of types would read them all anew: ten times what the rest of the page takes."""
    for _ in range(5):
        assert titles(desk, sol) == ["Drill"]
        assert incident_types.type_(desk, sol, "drill").type.title == "Drill"
    assert texts.cut == 1
    for _ in range(5):
        assert incident_types.playbooks(desk, sol)[0].playbook.title == "Drill"
    assert texts.cut == 2


def test_a_changed_text_is_seen_at_the_next_look(desk: Desk, sol: Actor, texts: CountingTexts) -> None:
    """What is remembered is what a text means, not what a name means: a file of another release counts at once."""
    assert titles(desk, sol) == ["Drill"]
    texts.texts["drill"] = DRILL_TYPE.replace("title: Drill", "title: Smoke")
    assert titles(desk, sol) == ["Smoke"]
    texts.texts["drill"] = DRILL_TYPE
    assert (titles(desk, sol), texts.cut) == (["Drill"], 2)


def test_a_saved_version_is_seen_at_the_next_look_by_everybody(desk: Desk, sol: Actor) -> None:
    """Also by a process that had read the version before."""
    ada = person(desk, "ada", Role.OPERATOR)
    assert titles(desk, ada) == ["Drill"]
    draft = Draft(text=DRILL_TYPE.replace("title: Drill", "title: Smoke"), why="clearer", base=1)
    saved = incident_types.save_type(desk, sol, "drill", draft)
    assert (saved.version, saved.is_shipped, saved.saved_by) == (2, False, "sol")
    assert titles(desk, ada) == ["Smoke"]
    assert incident_types.versions(desk, ada, "type", "drill")[0].why == "clearer"


def test_what_is_remembered_is_bounded(desk: Desk, sol: Actor, texts: CountingTexts) -> None:
    """Whoever types for hours does not fill the memory: the oldest meaning goes, and is read again when asked for."""
    assert titles(desk, sol) == ["Drill"]
    for number in range(REMEMBERED):
        texts.texts["drill"] = DRILL_TYPE.replace("title: Drill", f"title: Drill {number}")
        incident_types.type_(desk, sol, "drill")
    assert texts.cut == REMEMBERED + 1
    texts.texts["drill"] = DRILL_TYPE
    assert (titles(desk, sol), texts.cut) == (["Drill"], REMEMBERED + 2)


def test_types_are_listed_by_priority_then_by_title(desk: Desk, sol: Actor, texts: CountingTexts) -> None:
    """What must be found first stands first."""
    for slug, title, priority in (
        ("b", "Bag", "low"),
        ("c", "Air", "low"),
        ("a", "Wind", "high"),
        ("d", "Dog", "medium"),
    ):
        text = DRILL_TYPE.replace("title: Drill", f"title: {title}").replace("priority: low", f"priority: {priority}")
        texts.texts[slug] = text.replace("type: drill", f"type: {slug}").replace("playbook: drill", f"playbook: {slug}")
    assert titles(desk, sol) == ["Wind", "Dog", "Air", "Bag", "Drill"]


@pytest.mark.parametrize("slug", ["", "Drill", "../drill", "drill.yaml", "x" * 41, "a b", "smoke"])
def test_a_name_nobody_gave_is_unknown_and_not_repeated_at_length(desk: Desk, sol: Actor, slug: str) -> None:
    """In whatever form it is asked for."""
    for ask in (incident_types.type_, incident_types.playbook):
        if slug == "smoke" and ask is incident_types.playbook:
            continue  # each name has the drill's playbook here
        with pytest.raises(Unknown) as refused:
            ask(desk, sol, slug)
        assert len(refused.value.detail) < 80
        assert refused.value.remedy


@pytest.mark.parametrize(
    ("text", "base", "error", "word"),
    [
        (DRILL_TYPE.replace("icon: other", "icon: skull"), 1, Malformed, "line 3: icon cannot be 'skull'"),
        (DRILL_TYPE.replace("playbook: drill", "playbook: gone"), 1, Malformed, "no playbook 'gone'"),
        (DRILL_TYPE.replace("type: drill", "type: other"), 1, Malformed, "the text is of type other, not of drill"),
        ("", 1, Malformed, "line 1"),
        ("[" * 5_000, 1, Malformed, "line 1: "),
        (DRILL_TYPE, 0, Conflict, "changed since you began"),
        (DRILL_TYPE, 2, Conflict, "changed since you began"),
        (DRILL_TYPE, 2**53, Conflict, "changed since you began"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_changes_nothing(
    desk: Desk, sol: Actor, text: str, base: int, error: type[Exception], word: str
) -> None:
    """The first fault with its line, or who saved meanwhile."""
    with pytest.raises(error, match=word):
        incident_types.save_type(desk, sol, "drill", Draft(text=text, why="x", base=base))
    assert incident_types.versions(desk, sol, "type", "drill") == ()


@pytest.mark.parametrize("why", ["", "  ", "\n"])
def test_a_version_without_a_reason_is_not_saved(desk: Desk, sol: Actor, why: str) -> None:
    """Whoever reads the list of versions in a year asks why."""
    with pytest.raises(Malformed, match="reason"):
        incident_types.save_type(desk, sol, "drill", Draft(text=DRILL_TYPE, why=why, base=1))


WRITERS = {Role.SUPERVISOR, Role.PLANNER, Role.ADMINISTRATOR}


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SERVICE, Role.PLATFORM}])
def test_each_role_reads_and_three_write(desk: Desk, role: Role) -> None:
    """Worked from the table of roles: everybody reads, those who plan or answer for the work write."""
    vera = person(desk, "vera", role)
    assert titles(desk, vera) == ["Drill"]
    draft = Draft(text=DRILL_TYPE, why="x", base=1)
    if role in WRITERS:
        assert incident_types.save_type(desk, vera, "drill", draft).version == 2
        return
    for save in (incident_types.save_type, incident_types.save_playbook):
        with pytest.raises(Refused):
            save(desk, vera, "drill", draft)


def test_a_playbook_of_another_type_is_not_saved_under_this_name(desk: Desk, sol: Actor) -> None:
    """Nobody overwrites the playbook of smoke by pasting into the page of the drill."""
    other = DRILL.replace("incident_type: drill", "incident_type: smoke")
    with pytest.raises(Malformed, match="of playbook smoke, not of drill"):
        incident_types.save_playbook(desk, sol, "drill", Draft(text=other, why="x", base=1))


def test_checking_reads_and_stores_nothing(desk: Desk, sol: Actor) -> None:
    """While one types, every keystroke may come."""
    type_, faults = incident_types.check_type(desk, sol, DRILL_TYPE.replace("sound: none", "sound: siren"))
    assert (type_.slug, [(fault.line, fault.rule) for fault in faults]) == ("drill", [(6, "sound")])
    playbook, found = incident_types.check_text(desk, sol, DRILL.replace("-> 6\n5.", "-> 66\n5."))
    assert (playbook.title, {fault.line for fault in found}) == ("Drill", {15})
    assert incident_types.checklists(desk, sol) == (("drill", 0),)


def test_the_newest_versions_are_named_without_reading_a_text(desk: Desk, sol: Actor, texts: CountingTexts) -> None:
    """A browser asks what it must fetch anew; nothing has to be understood for that."""
    again = Draft(text=DRILL, why="a drill", base=1)
    incident_types.save_playbook(desk, sol, "drill", again)
    before = texts.cut
    assert incident_types.checklists(desk, sol) == (("drill", 2),)
    assert texts.cut == before


def test_an_alert_speaks_for_a_type_or_for_none() -> None:
    """Many people without a property named speak for nothing; people density above normal, for a crowd crush."""
    desk = memory_desk(AT)
    ada = person(desk, "ada", Role.OPERATOR)
    dense = Phrase(template="{property} far above normal", values={"property": "People density"})
    fuse(desk, seen("a"), seen("b", subject="zone:north", headline=dense))
    assert incident_types.suggest_type(desk, ada, AlertId(1)) is None
    found = incident_types.suggest_type(desk, ada, AlertId(2))
    assert found is not None
    assert (found.type.slug, found.is_shipped) == ("crowd_crush_risk", True)
    with pytest.raises(Unknown):
        incident_types.suggest_type(desk, ada, AlertId(99))
