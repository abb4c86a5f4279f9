"""Which parts an installation has."""

from pathlib import Path

import pytest

from impetus.core.errors import Misconfigured
from impetus.run.parts import find_manifest, plan_parts
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
    part = plan_parts(Settings(home=tmp_path, tools=("urban_anomaly",)))[3]
    assert part.limits == find_manifest("urban_anomaly").limits
    assert (part.role, part.fault) == ("tool:urban_anomaly", "")


def test_a_tool_that_is_not_installed_keeps_its_row_and_says_why(tmp_path: Path) -> None:
    """One wrong name does not keep the platform from starting."""
    part = plan_parts(Settings(home=tmp_path, tools=("no_such_tool",)))[3]
    assert part.id == "no_such_tool"
    assert "no_such_tool" in part.fault


def test_finding_a_manifest_names_what_is_installed() -> None:
    """The error lists what could have been meant."""
    with pytest.raises(Misconfigured, match="no_such_tool") as caught:
        find_manifest("no_such_tool")
    assert "urban_anomaly" in str(caught.value.limit)
