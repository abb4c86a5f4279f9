"""Between a tool and the bus: what passes, what is counted instead, and what the board is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from impetus.core.errors import Misconfigured, NotNow
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding, Kind
from impetus.core.ids import FindingKey, ToolId
from impetus.core.manifest import Limits, read_manifest
from impetus.core.text import Phrase
from impetus.core.tool import Setting
from impetus.desk.context import FINDINGS, Desk
from impetus.run.heartbeat import Heart
from impetus.run.tool_host import Guard, Host, Tally, tool_settings
from impetus.run.tools import find_tool
from impetus.settings import Settings
from impetus.testing.bus import MemoryBus
from impetus.testing.desk import clock_of, memory_desk
from manifests import plain_manifest

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
MANIFEST = read_manifest(plain_manifest(limits="findings_per_min = 3"))
LOUD = Finding(
    key=FindingKey("trial:1"),
    tool=ToolId("trial"),
    kind=Kind.ANOMALY,
    subject="thing:square/n1",
    headline=Phrase(template="loud"),
    why=Phrase(template="above ten"),
    began=AT,
    noticed=AT,
)


class Explainer:
    """A tool that only explains, as it is told to."""

    def __init__(self, *, about: str | None = None, raises: Exception | None = None) -> None:
        self.about, self.raises = about, raises

    def explain(self, finding: Finding) -> Evidence:
        """Say why, or do not."""
        if self.raises is not None:
            raise self.raises
        return Evidence(finding=FindingKey(self.about or finding.key), summary=Phrase(template="it was loud"))


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


@pytest.fixture
def guard(desk: Desk) -> Guard:
    """Return a guard that lets three findings a minute through."""
    return Guard(manifest=MANIFEST, desk=desk)


def admit(guard: Guard, *findings: Finding, tool: Explainer | None = None) -> None:
    """Let findings of a tool come to the guard."""
    guard.admit(findings, tool or Explainer())  # type: ignore[arg-type]  # the guard only asks it to explain


def named(number: int) -> Finding:
    """Return a finding with a key of its own."""
    return replace(LOUD, key=FindingKey(f"trial:{number}"))


def on_the_bus(desk: Desk) -> list[tuple[Finding, Evidence]]:
    """Return what fusion will read."""
    return [desk.codec.decode_finding(message.body) for message in desk.bus.read(FINDINGS, 0)]  # type: ignore[arg-type]


def test_what_is_admitted_waits_and_is_published_together(guard: Guard, desk: Desk) -> None:
    """All or none, in the order told, each with its evidence."""
    admit(guard, named(1), named(2))
    assert on_the_bus(desk) == []
    guard.publish()
    assert [finding.key for finding, _ in on_the_bus(desk)] == ["trial:1", "trial:2"]
    assert [evidence.summary.say() for _, evidence in on_the_bus(desk)] == ["it was loud"] * 2
    assert guard.waiting == []


@pytest.mark.parametrize(
    "wrong",
    [{"tool": ToolId("other")}, {"tool": ToolId("platform")}, {"kind": Kind.FAULT}, {"kind": Kind.PLATFORM}],
)
def test_a_tool_speaks_for_itself_and_of_what_it_declared(guard: Guard, wrong: dict[str, object]) -> None:
    """Another's name, or a kind its manifest does not hold: counted, and kept off the bus."""
    admit(guard, replace(LOUD, **wrong), LOUD)  # type: ignore[arg-type]  # the field under test
    assert (guard.tally.refused, len(guard.waiting)) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": float("nan")},
        {"noticed": datetime(2026, 6, 1)},  # noqa: DTZ001 - a naive time is the point
        {"headline": Phrase(template="x" * 100_000)},
    ],
)
def test_a_finding_that_cannot_be_sent_is_counted(guard: Guard, wrong: dict[str, object]) -> None:
    """The bus carries what the other side can read; one bad finding does not stop the next."""
    admit(guard, replace(LOUD, **wrong), LOUD)  # type: ignore[arg-type]  # the field under test
    assert (guard.tally.refused, len(guard.waiting)) == (1, 1)


def test_three_a_minute_pass_and_the_rest_is_counted(guard: Guard, desk: Desk) -> None:
    """The window slides: as soon as the first is a minute old, another may pass."""
    admit(guard, *map(named, range(5)))
    assert (len(guard.waiting), guard.tally.limited) == (3, 2)
    clock_of(desk).advance(59)
    admit(guard, named(6))
    assert (len(guard.waiting), guard.tally.limited) == (3, 3)
    clock_of(desk).advance(1)
    admit(guard, named(7))
    assert (len(guard.waiting), guard.tally.limited) == (4, 3)


def test_what_is_refused_does_not_use_up_the_limit(guard: Guard) -> None:
    """A hundred findings of a wrong kind leave room for three of the right one."""
    admit(guard, *[replace(LOUD, kind=Kind.FAULT)] * 100, *map(named, range(3)))
    assert (guard.tally.refused, guard.tally.limited, len(guard.waiting)) == (100, 0, 3)


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        (Explainer(raises=RuntimeError("no words")), "no words"),
        (Explainer(raises=KeyError("c11")), "c11"),
        (Explainer(about="another"), "it is about another finding"),
    ],
)
def test_a_finding_without_an_explanation_is_published_and_says_so(
    guard: Guard, desk: Desk, tool: Explainer, said: str
) -> None:
    """A tool that cannot say why must not keep an operator from knowing that."""
    admit(guard, LOUD, tool=tool)
    guard.publish()
    [(finding, evidence)] = on_the_bus(desk)
    assert (finding.key, evidence.finding) == (LOUD.key, LOUD.key)
    assert evidence.summary.say().startswith("explanation failed: ")
    assert said in evidence.summary.say()
    assert guard.tally.unexplained == 1


def test_a_bus_that_is_full_leaves_everything_waiting(guard: Guard, desk: Desk) -> None:
    """Nothing is lost and nothing is sent twice: all or none."""
    admit(guard, named(1), named(2))
    room = desk.bus
    guard.desk = replace(desk, bus=Full(desk))
    with pytest.raises(NotNow):
        guard.publish()
    assert len(guard.waiting) == 2
    guard.desk = replace(desk, bus=room)
    guard.publish()
    assert len(on_the_bus(desk)) == 2


class Full(MemoryBus):
    """A bus without room."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.clock)

    def publish(self, topic: str, bodies: Sequence[bytes]) -> int:  # type: ignore[override]  # it never returns
        """Refuse."""
        raise NotNow(f"topic {topic} is full for {len(bodies)}", retry_after_s=1.0)


def test_a_host_that_lost_nothing_says_nothing() -> None:
    """An empty note is a green row."""
    assert (Tally().note(), Tally().lost()) == ("", 0)


def test_a_host_says_each_thing_that_went_wrong_with_its_count() -> None:
    """In words for the board, worst first, a remark last."""
    tally = Tally(dropped=1, unreadable=2, refused=3, limited=4, unexplained=5, remark="the disk is full")
    assert tally.note() == (
        "1 messages lost; 2 messages unreadable; 3 findings against the manifest; 4 findings over the limit; "
        "5 explanations failed; the disk is full"
    )


def test_an_explanation_that_failed_is_not_counted_as_lost() -> None:
    """Its finding was published; everything else that was not kept is."""
    assert Tally(dropped=1, unreadable=2, refused=3, limited=4, unexplained=5).lost() == 10


class Zoned:
    """A tool that asks for the site's time zone."""

    SITE_SETTINGS = ("timezone",)


class Plain:
    """A tool that asks for nothing."""


@pytest.mark.parametrize(
    ("factory", "own", "expected"),
    [
        (Zoned, {}, {"timezone": "Europe/Oslo"}),
        (Zoned, {"start_z": 6.0}, {"start_z": 6.0, "timezone": "Europe/Oslo"}),
        (Zoned, {"timezone": "UTC"}, {"timezone": "UTC"}),
        (Plain, {"limit": 3}, {"limit": 3}),
        (Plain, {}, {}),
    ],
)
def test_a_tool_gets_its_own_settings_and_the_sites_zone_if_it_asks(
    tmp_path: object, factory: type, own: Mapping[str, Setting], expected: Mapping[str, Setting]
) -> None:
    """Its own table wins; nobody else's is handed to it."""
    settings = Settings(
        home=tmp_path,  # type: ignore[arg-type]  # a path
        timezone="Europe/Oslo",
        tool_settings={"trial": own, "other": {"start_z": 9.0}},
    )
    assert tool_settings(settings, ToolId("trial"), factory) == expected


def test_a_tool_over_findings_is_not_hosted_here(desk: Desk, tmp_path: object) -> None:
    """The host of readings takes tools that sense readings, and says where the other kind belongs."""
    settings = Settings(home=tmp_path)  # type: ignore[arg-type]  # a path
    with pytest.raises(Misconfigured, match="fusion does not sense observations") as refusal:
        Host(desk, find_tool("fusion"), settings, Heart())
    assert refusal.value.remedy == "host it with the role of findings"


def test_the_limits_of_a_manifest_are_what_the_guard_keeps(guard: Guard) -> None:
    """One finding a minute is one."""
    strict = replace(guard, manifest=replace(MANIFEST, limits=Limits(findings_per_min=1)), tally=Tally())
    admit(strict, named(1), named(2))
    assert (len(strict.waiting), strict.tally.limited) == (1, 1)
