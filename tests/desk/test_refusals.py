"""What the data protection officer sees of prohibited uses: as configured now, and as tools tried; and names in disguise."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused
from impetus.core.log_record import LogRecord, Outcome
from impetus.core.manifest import read_manifest
from impetus.core.register import Configured, ToolPart
from impetus.desk.clearance import refusals_of
from impetus.desk.context import Desk
from impetus.desk.identity_words import refuse_identity
from impetus.desk.refusals import OUTPUT_REFUSED, refusals
from impetus.ports.ethics import Logged
from impetus.run.output_guard import ACT
from impetus.testing.desk import memory_desk
from manifests import plain_manifest

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
DPO = Actor(name="dina", role=Role.DPO)
SUSPECT = plain_manifest(
    "watcher", summary="Watches.", properties='["frames"]', more='[capabilities]\ndoes = ["face recognition"]'
)
PART = ToolPart(id="watcher", manifest=read_manifest(SUSPECT))
CONFIGURED = Configured(site="Trial", switched_on=("watcher",), installed={"watcher": PART})


class Fixed:
    """A configuration that is what a test says."""

    def read(self) -> Configured:
        """Return it."""
        return CONFIGURED

    def stamp(self) -> str:
        """Never change."""
        return ""


@pytest.fixture
def desk() -> Desk:
    """Return a desk whose site has a prohibited tool and whose log holds a refused output."""
    desk = replace(memory_desk(AT), configuration=Fixed())  # type: ignore[arg-type]  # what the register is read from
    record = LogRecord(
        at=AT,
        who="platform:tool:noisy",
        role="platform",
        act=ACT,
        outcome=Outcome.REFUSED,
        rule="biometric data: GDPR, article 9(1)",
        subject="tool:noisy",
        why="What it gave has the shape of a vector.",
    )
    with desk.store.write() as unit:
        unit.accesses.add([Logged(index=0, record=record, salts=bytes(48))])
    return desk


def test_the_officer_sees_what_is_configured_and_what_was_tried(desk: Desk) -> None:
    """With rule, article, reason, and what would be allowed."""
    configured, tried = refusals(desk, DPO)
    assert (configured.tools, configured.article, configured.at) == (("watcher",), "AI Act, article 5(1)(h)", None)
    assert "silhouettes" in configured.allowed
    assert (tried.tools, tried.rule, tried.article, tried.at) == (
        ("noisy",),
        "biometric data",
        "GDPR, article 9(1)",
        AT,
    )


def test_who_may_not_read_the_log_sees_what_is_configured(desk: Desk) -> None:
    """The register is everybody's; the log's entries are not."""
    assert [use.at for use in refusals(desk, Actor(name="olga", role=Role.OPERATOR))] == [None]


def test_what_the_output_guard_writes_is_what_is_read() -> None:
    """One word for one act."""
    assert ACT == OUTPUT_REFUSED


def test_the_register_gate_refuses_with_the_same_rule() -> None:
    """Plan, host and gate ask one function."""
    [ref] = refusals_of(CONFIGURED, "watcher")
    assert (ref.rule, ref.article) == ("identification in public places", "AI Act, article 5(1)(h)")


@pytest.mark.parametrize(
    "name",
    [
        "ansiktsvektor",
        "ganglag",
        "codice-fiscale",
        "targa",
        "bilskilt",
        "f4ce-index",
        "personnummer",
        "facenet-out",
        "tillitspoeng",
    ],
)
def test_a_property_that_names_a_person_in_another_language_or_disguise_is_refused(name: str) -> None:
    """Norwegian, Italian, digits for letters, names of models."""
    with pytest.raises(Refused, match="stands for a person's identity"):
        refuse_identity(name, "property")


@pytest.mark.parametrize(
    "name",
    [
        "surface-temperature",
        "people-count",
        "sound-level",
        "plate-count",
        "vehicle-class",
        "wind-orientation",
        "skin-friction",
        "lydniva",
        "trafikk",
        "portata",
        "machine-speed",
        "interface-load",
    ],
)
def test_a_property_of_a_place_or_a_thing_is_let_in(name: str) -> None:
    """However near its letters come."""
    try:
        refuse_identity(name, "property")
    except Refused as refused:
        pytest.fail(f"{name}: {refused.detail}")
