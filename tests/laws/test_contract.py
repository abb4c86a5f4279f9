"""The contract for scripts: each line of its page is held by a test that exists, and most of those stand here."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import impetus.bench
from cli.console import Console
from impetus.core.admission import Limits
from impetus.desk.ingest import Intake
from impetus.settings import Settings
from impetus.testing.desk import memory_desk
from impetus.web.ingest.app import create_ingest_app
from laws.tree import ROOT
from town import NOW, Town, close_town, open_town, raise_alert

PAGE = (ROOT / "docs/reference/contract-for-scripts.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
HELD_BY = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
CONTRACT = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| what")]
MEASUREMENT = '''
"""A measurement of nothing."""


def run(say):
    """Measure nothing, and say so on the way."""
    say("measuring nothing")
    return {"nothing": 1.5, "nested": {"deep": 2}}
'''


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Return an installation in memory."""
    town = open_town(tmp_path)
    yield town
    close_town(town)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Console:
    """Return somebody who types commands."""
    return Console(monkeypatch=monkeypatch, capture=capsys, home=tmp_path)


@pytest.mark.parametrize("line", CONTRACT, ids=lambda line: line.split("|")[1].strip()[:50])
def test_every_line_of_the_contract_is_held_by_a_test_that_exists(line: str) -> None:
    """A test that was renamed away holds nothing."""
    [(file, name)] = HELD_BY.findall(line)
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_make_setup_builds_the_command() -> None:
    """The target exists, installs the project itself, and the project declares the command."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"impetus": "impetus.cli:main"}
    assert re.search(r"^setup:.*## build \.venv with the command \.venv/bin/impetus", MAKEFILE, re.MULTILINE)
    assert "--editable ." in MAKEFILE


def test_make_demo_runs_the_same_command() -> None:
    """What a person types and what a script types is one program."""
    recipe = MAKEFILE.partition("\ndemo:")[2].partition("\n\n")[0]
    assert "$(BIN)/impetus demo --port $(PORT)" in recipe


@pytest.mark.parametrize("option", ["--port", "--home", "--json"])
def test_the_demonstration_takes_the_options_of_the_contract(console: Console, option: str) -> None:
    """Each has its sentence in the help."""
    said = console.type("demo", "--help")
    assert said.code == 0
    assert option in said.out


def test_a_page_of_alerts_has_items_and_next(town: Town) -> None:
    """Two pages of one alert each, the second of which is the last."""
    for number in range(2):
        raise_alert(town, f"alert {number}")
    program = town.program("alerts.read")
    first = program.get("/api/v1/alerts", params={"limit": 1}).json()
    last = program.get("/api/v1/alerts", params={"limit": 1, "after": first["next"]}).json()
    assert set(first) == set(last) == {"items", "next"}
    assert first["items"][0]["id"] != last["items"][0]["id"]
    assert last["next"] is None


def test_alerts_are_not_for_who_shows_no_token(town: Town) -> None:
    """401 and a problem document, never an empty list."""
    answer = town.visitor().get("/api/v1/alerts")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_health_says_up_and_nothing_else(town: Town) -> None:
    """No version, no name, no count: whoever asks learns nothing they could use."""
    answer = town.visitor().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "up\n")


def test_health_of_the_ingest_says_up_and_nothing_else(tmp_path: Path) -> None:
    """The same of the sensors' door."""
    desk = memory_desk(NOW)
    with TestClient(create_ingest_app(desk, Settings(home=tmp_path), Intake(desk, Limits()))) as door:
        assert (door.get("/healthz").status_code, door.get("/healthz").json()) == (200, {"status": "up"})
    desk.store.close()


def test_a_measurement_ends_with_one_line_of_json(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress goes to standard error, so that a pipe gets facts only."""
    (tmp_path / "of_nothing.py").write_text(MEASUREMENT)
    monkeypatch.setattr(impetus.bench, "__path__", [*impetus.bench.__path__, str(tmp_path)])
    said = console.type("bench", "of_nothing", "--json")
    assert said.code == 0
    assert said.facts == {"nothing": 1.5, "nested": {"deep": 2}}
    assert "measuring nothing" in said.err
    assert "measuring" not in said.out


def test_the_measurement_of_ingest_has_its_key() -> None:
    """The figure it returns is under the name the contract gives it."""
    tree = ast.parse((ROOT / "src/impetus/bench/ingest.py").read_text(encoding="utf-8"))
    returned = [
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant)
    ]
    assert "readings_per_s" in returned


def readings(start: datetime, count: int) -> list[tuple[str, float]]:
    """Return a series of five-minute readings with one bump in it."""
    times = [start + timedelta(minutes=5 * step) for step in range(count)]
    return [
        (f"{time:%Y-%m-%d %H:%M:%S}", 20 + step % 7 + (80 if 400 < step < 420 else 0))
        for step, time in enumerate(times)
    ]


@pytest.fixture
def site_files(tmp_path: Path) -> Path:
    """Return a directory with one small labelled site."""
    rows = readings(datetime(2026, 1, 1, tzinfo=UTC), 600)
    lines = [f"{time},{value},{int(value > 80)}" for time, value in rows]
    (tmp_path / "site.csv").write_text("\n".join(["timestamp,people,label", *lines]))
    return tmp_path


@pytest.fixture
def benchmark_files(tmp_path: Path) -> Path:
    """Return a directory laid out as the Numenta Anomaly Benchmark, with one small file."""
    rows = readings(datetime(2026, 1, 1, tzinfo=UTC), 600)
    (tmp_path / "data/group").mkdir(parents=True)
    (tmp_path / "labels").mkdir()
    text = "\n".join(["timestamp,value", *(f"{time},{value}" for time, value in rows)])
    (tmp_path / "data/group/file.csv").write_text(text)
    windows = {"group/file.csv": [[f"{rows[395][0]}.000000", f"{rows[425][0]}.000000"]]}
    (tmp_path / "labels/combined_windows.json").write_text(json.dumps(windows))
    return tmp_path


def test_an_evaluation_ends_with_one_line_of_json(console: Console, site_files: Path) -> None:
    """One object, on the last line and the only one."""
    said = console.type("evaluate", "urban_anomaly", str(site_files), "--json")
    assert said.code == 0
    assert len(said.out.splitlines()) == 1
    assert isinstance(said.facts, dict)


def test_an_evaluation_of_site_files_has_its_key(console: Console, site_files: Path) -> None:
    """A number between nothing and all."""
    figures = console.type("evaluate", "urban_anomaly", str(site_files), "--json").facts
    assert 0.0 <= figures["mean_ap"] <= 1.0


def test_an_evaluation_of_the_benchmark_has_its_keys(console: Console, benchmark_files: Path) -> None:
    """Both of the benchmark's profiles, under `nab`."""
    figures = console.type("evaluate", "urban_anomaly", str(benchmark_files), "--json").facts
    assert all(isinstance(figures["nab"][key], int | float) for key in ("standard", "low_fp"))


def test_an_evaluation_of_nothing_is_refused_with_one_line(console: Console, tmp_path: Path) -> None:
    """An empty directory is a mistake of who typed it: said on standard error, with the exit code of its family."""
    said = console.type("evaluate", "urban_anomaly", str(tmp_path), "--json")
    assert said.code == 65
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
