"""Which parts an installation has."""

from pathlib import Path

from impetus.run.parts import plan_parts
from impetus.run.tools import find_tool
from impetus.settings import Settings


def test_the_page_starts_first_and_the_simulator_last(tmp_path: Path) -> None:
    """People wait for the page; what sends readings waits for everybody."""
    parts = [part.id for part in plan_parts(Settings(home=tmp_path, simulated=True))]
    assert parts[0] == "web"
    assert parts[-1] == "simulator"


def test_without_simulation_there_is_no_simulator(tmp_path: Path) -> None:
    """A real installation never sends itself readings."""
    assert "simulator" not in [part.id for part in plan_parts(Settings(home=tmp_path))]


def test_the_limits_of_a_tool_are_those_of_its_manifest(tmp_path: Path) -> None:
    """The supervisor enforces what the tool declared."""
    (part,) = [
        part for part in plan_parts(Settings(home=tmp_path, tools=("urban_anomaly",))) if part.id == "urban_anomaly"
    ]
    manifest = find_tool("urban_anomaly").manifest
    assert manifest is not None
    assert part.limits == manifest.limits
    assert (part.role, part.fault) == ("tool:urban_anomaly", "")


def test_a_tool_that_is_not_installed_keeps_its_row_and_says_why(tmp_path: Path) -> None:
    """One wrong name does not keep the platform from starting."""
    (part,) = [
        part for part in plan_parts(Settings(home=tmp_path, tools=("no_such_tool",))) if part.id == "no_such_tool"
    ]
    assert "no_such_tool" in part.fault
    assert "urban_anomaly" in part.fault


def test_a_declaration_of_city_systems_starts_who_looks_after_them(tmp_path: Path) -> None:
    """With a feed also who reads it; the simulated city only where input is simulated."""
    assert not {"effects", "feeds", "broker", "city"} & {part.id for part in plan_parts(Settings(home=tmp_path))}
    (tmp_path / "effectors.toml").write_text('[warnings]\nsender = "a"\n')
    assert {part.id for part in plan_parts(Settings(home=tmp_path, simulated=True))} & {"effects", "feeds", "city"} == {
        "effects"
    }
    (tmp_path / "effectors.toml").write_text("  [[feed]]\n")
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "port").write_text("1884")
    assert {"effects", "feeds", "broker", "city"} <= {
        part.id for part in plan_parts(Settings(home=tmp_path, simulated=True))
    }
    assert "broker" not in {part.id for part in plan_parts(Settings(home=tmp_path))}
