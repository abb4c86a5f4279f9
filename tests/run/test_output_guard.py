"""A tool that gives what no tool may give: refused, counted, logged, told once, and stopped at the third try."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from impetus.core.errors import NotNow, Refused
from impetus.core.finding import Finding
from impetus.core.ids import FindingKey
from impetus.core.log_record import LogRecord, Outcome
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.run.output_guard import ACT, TRIES
from impetus.run.parts import plan_parts, prohibitions
from impetus.run.tool_host import Guard, refuse_prohibited
from impetus.settings import Settings
from impetus.testing.desk import memory_desk
from impetus.testing.journal import MemoryJournal
from run.test_tool_guard import LOUD, MANIFEST, admit, on_the_bus

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


@pytest.fixture
def guard(desk: Desk) -> Guard:
    """Return a guard without a limit worth speaking of."""
    limits = replace(MANIFEST.limits, findings_per_min=600)
    return Guard(manifest=replace(MANIFEST, limits=limits), desk=desk)


def bad(number: int = 1) -> Finding:
    """Return a finding whose facts name an emotion."""
    return replace(LOUD, key=FindingKey(f"trial:bad{number}"), facts={"emotion": 0.9})


def lines(desk: Desk) -> list[LogRecord]:
    """Return what the log holds of refused outputs."""
    assert isinstance(desk.journal, MemoryJournal)
    return [record for record in desk.journal.records if record.act == ACT]


def test_a_prohibited_output_never_reaches_the_bus_and_the_next_one_does(guard: Guard, desk: Desk) -> None:
    """Counted, with the rest untouched; an alert names rule and article."""
    admit(guard, bad(), LOUD)
    guard.publish()
    told = [finding for finding, _ in on_the_bus(desk)]
    assert [finding.tool for finding in told] == ["platform", "trial"]
    assert told[0].headline.say() == "trial gave what no tool may give: emotion"
    assert "GDPR, article 9(1)" in told[0].why.say()
    assert "1 outputs no tool may give" in guard.tally.note()
    assert guard.tally.lost() == 1


def test_each_refusal_is_logged_without_the_output_itself(guard: Guard, desk: Desk) -> None:
    """Who, rule, article and the count; nothing that was refused."""
    admit(guard, bad(1), bad(2))
    assert [(line.outcome, line.subject, line.facts["tries"]) for line in lines(desk)] == [
        (Outcome.REFUSED, "tool:trial", 1),
        (Outcome.REFUSED, "tool:trial", 2),
    ]
    assert lines(desk)[0].rule == "emotion: GDPR, article 9(1)"
    assert "0.9" not in repr(lines(desk))


def test_people_are_told_once_and_the_third_try_pulls_the_kill_switch(guard: Guard, desk: Desk) -> None:
    """It stays stopped until a named person lifts it."""
    admit(guard, *map(bad, range(TRIES - 1)))
    assert desk.stops.standing().of_tool("trial") is None
    admit(guard, bad(9))
    stop = desk.stops.standing().of_tool("trial")
    assert stop is not None
    assert (stop.by, stop.why) == ("platform:output-guard", "3 outputs refused: emotion, GDPR, article 9(1)")
    assert [finding.tool for finding, _ in on_the_bus(desk)] == ["platform"]


class Broken:
    """A journal whose disk is full."""

    def write(self, records: Sequence[LogRecord]) -> None:
        """Refuse."""
        raise NotNow(f"no room for {len(records)}", retry_after_s=5.0)


def test_a_refusal_stands_while_the_log_is_down(guard: Guard, desk: Desk) -> None:
    """Its line waits beside the stops."""
    guard.outputs.desk = replace(desk, journal=Broken())
    admit(guard, bad())
    assert guard.waiting == []
    assert [record.act for _, record in desk.stops.kept()] == [ACT]


def test_a_vector_in_the_evidence_is_refused_though_the_finding_is_clean(guard: Guard) -> None:
    """The explanation leaves the tool as well."""

    class Leaking:
        """A tool whose explanation holds a vector."""

        def explain(self, finding: Finding) -> object:
            """Hide it in the summary."""
            from impetus.core.evidence import Evidence

            text = ",".join(f"{(-1) ** n * 0.17:.5f}" for n in range(40))
            return Evidence(finding=finding.key, summary=Phrase(template="{x}", values={"x": text}))

    guard.admit([LOUD], Leaking())  # type: ignore[arg-type]  # the guard only asks it to explain
    assert (guard.waiting, guard.tally.prohibited) == ([], 1)


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    """Return an installation with the built-in tools."""
    return Settings(home=tmp_path)  # type: ignore[arg-type]  # a path


def test_the_built_in_tools_are_not_prohibited(settings: Settings) -> None:
    """Together and with the site's own settings."""
    assert [prohibitions(settings, tool) for tool in settings.tools] == [(), ()]
    for tool in settings.tools:
        refuse_prohibited(settings, tool)


@pytest.mark.parametrize("setting", [{"template": "faces"}, {"model": "arcface"}, {"output": "ZmFjZV9lbWJlZGRpbmc="}])
def test_a_setting_that_makes_a_tool_prohibited_is_refused_by_plan_and_host_alike(
    settings: Settings, setting: dict[str, str]
) -> None:
    """The part is not started, and a host started by hand does not run it."""
    changed = replace(settings, tool_settings={"urban_anomaly": setting})
    part = next(part for part in plan_parts(changed) if part.id == "urban_anomaly")
    assert part.fault.startswith("refused: biometric data, GDPR, article 9(1): ")
    with pytest.raises(Refused) as refusal:
        refuse_prohibited(changed, "urban_anomaly")
    assert refusal.value.source == "GDPR, article 9(1)"
    assert "allowed would be" in refusal.value.remedy
