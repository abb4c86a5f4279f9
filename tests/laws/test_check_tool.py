"""Every installed tool keeps to the rules, and every rule finds the tool that breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from impetus.core.errors import Conflict, Malformed
from impetus.run.new_tool import write_new_tool
from impetus.run.tools import installed
from impetus.testing.tool_checks import SENSING
from laws.check_tool import Fault, check_tool

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "impetus-night-noise"


def install(project: Path, name: str, target: Path) -> Path:
    """Install a tool's package into a directory, as `pip install --target` leaves it: its code and its entry point."""
    package = f"impetus_{name}"
    shutil.copytree(project / "src" / package, target / package)
    metadata = target / f"{package}-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text(f"[impetus.tools]\n{name} = {package}\n")
    return target


@pytest.mark.parametrize("tool", sorted(installed()))
def test_every_installed_tool_keeps_to_the_rules(tool: str) -> None:
    """The suite finds no fault with a tool that ships."""
    assert check_tool(tool) == []


def test_the_tests_of_the_example_pass_where_it_is_installed(tmp_path: Path) -> None:
    """A third party's package is found by its entry point; its own tests, the suite among them, run against it."""
    site = install(EXAMPLE, "night_noise", tmp_path / "site")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(EXAMPLE),
            str(EXAMPLE / "tests"),
        ],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout


def test_a_new_tool_keeps_to_the_rules_as_it_is(tmp_path: Path) -> None:
    """What the template yields passes the suite before anybody has changed a line."""
    write_new_tool("fresh", tmp_path / "fresh")
    assert check_tool("fresh", search=[install(tmp_path / "fresh", "fresh", tmp_path / "site")]) == []


TEMPLATE_LINE = "return [self._finding(crossing, at) for crossing in crossings]"
SLOWLY = """import time
        until_s = time.process_time() + (2.1 if len(batch) > 1_000 else 0)
        while time.process_time() < until_s:
            pass"""
WICKED: dict[str, tuple[str, str | None, str | None]] = {
    "has_its_files": ("card.md", None, None),
    "has_a_sound_manifest": ("manifest.toml", 'purposes = ["public_safety"]', "purposes = []"),
    "refuses_unknown_settings": (
        "config.py",
        "if name not in known:",
        "if name not in known:\n            continue\n        if False:",
    ),
    "speaks": ("tool.py", TEMPLATE_LINE, "return []"),
    "emits_only_what_it_declares": ("tool.py", "kind=Kind.ANOMALY,", "kind=Kind.FAULT,"),
    "leaves_its_input_alone": ("tool.py", TEMPLATE_LINE, f"batch.result[:1] = 0.0\n        {TEMPLATE_LINE}"),
    "is_deterministic": (
        "tool.py",
        TEMPLATE_LINE,
        "import random\n        " + TEMPLATE_LINE.replace("crossings]", "crossings if random.random() > 0.3]"),
    ),
    "has_unique_keys": ("tool.py", ':{crossing.began_us}:{datastream.id}"', ':{datastream.id}"'),
    "explains_every_finding": ("explain.py", "finding=finding.key,", 'finding="another",'),
    "survives_hostile_input": ("tool.py", TEMPLATE_LINE, f"batch.result.max()\n        {TEMPLATE_LINE}"),
    "learns_a_changed_catalogue": (
        "detect.py",
        "self.told = np.concatenate((self.told, np.zeros(more, dtype=np.bool_)))",
        "self.told = np.zeros(len(self.known), dtype=np.bool_)",
    ),
    "resumes_from_its_snapshot": (
        "tool.py",
        "    def learn(self",
        """    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "levels": Levels()}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self.learn(self.catalogue)

    def learn(self""",
    ),
    "never_looks_ahead": (
        "tool.py",
        TEMPLATE_LINE,
        "top = float(sound.result.max()) if len(sound) else 0.0\n        "
        + TEMPLATE_LINE.replace("crossings]", "crossings if crossing.value >= 0.8 * top or len(sound) < 50]"),
    ),
    "stops_within_two_seconds": (
        "tool.py",
        TEMPLATE_LINE,
        f"{SLOWLY}\n        {TEMPLATE_LINE}",
    ),
    "touches_nothing_outside": (
        "tool.py",
        TEMPLATE_LINE,
        f"import socket\n        socket.socket().close()\n        open('/dev/null').close()\n        datetime.now()\n        {TEMPLATE_LINE}",
    ),
}


def wicked_tool(directory: Path, file: str, line: str | None, replacement: str | None) -> Path:
    """Return where the template's tool is installed after one line of it was made wicked, or a file removed."""
    write_new_tool("wicked", directory / "wicked")
    target = directory / "wicked" / "src" / "impetus_wicked" / file
    if line is None or replacement is None:
        target.unlink()
    else:
        text = target.read_text()
        assert line in text, "the template no longer has the line this test makes wicked"
        target.write_text(text.replace(line, replacement))
    return install(directory / "wicked", "wicked", directory / "site")


def test_every_rule_has_a_wicked_tool() -> None:
    """A check that nothing is known to break may check nothing."""
    assert set(WICKED) == {check.__name__ for check in SENSING}


@pytest.mark.parametrize("rule", sorted(WICKED))
def test_a_wicked_tool_is_caught_by_the_check_it_breaks(tmp_path: Path, rule: str) -> None:
    """Each rule is broken on purpose once, and its own check says so."""
    site = wicked_tool(tmp_path, *WICKED[rule])
    assert {fault.check for fault in check_tool("wicked", search=[site], only=[rule])} == {rule}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("while True: pass", "did not come back"),
        ("import os; os._exit(3)", "the process ended"),
    ],
)
def test_a_tool_that_hangs_or_kills_its_process_is_caught(tmp_path: Path, line: str, expected: str) -> None:
    """The suite outlives a tool that does not come back or takes its process with it, and goes on to the other checks."""
    site = wicked_tool(
        tmp_path, "tool.py", TEMPLATE_LINE, f"if len(batch) > 1_000:\n            {line}\n        {TEMPLATE_LINE}"
    )
    manifest = site / "impetus_wicked" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('purposes = ["public_safety"]', "purposes = []"))
    rules = ["stops_within_two_seconds", "has_a_sound_manifest", "touches_nothing_outside"]
    found = check_tool("wicked", search=[site], patience_s=6.0, only=rules)
    assert [fault.check for fault in found] == ["has_a_sound_manifest", "stops_within_two_seconds"]
    assert expected in found[1].detail


def test_findings_that_depend_on_the_hash_seed_are_caught(tmp_path: Path) -> None:
    """An order taken from a set is the same within a process and another in the next: the suite looks at two."""
    site = wicked_tool(tmp_path, "tool.py", 'f"{key}:over" if', 'f"{key}:{hash(subject)}:over" if')
    [fault] = check_tool("wicked", search=[site], only=["is_deterministic"])
    assert fault.check == "is_deterministic"
    assert "hash seed" in fault.detail


def test_a_check_that_does_not_exist_checks_nothing_and_says_so() -> None:
    """A misspelt name must not pass for a sound tool."""
    assert check_tool("fusion", only=["is_nice"]) == [Fault(check="starts", detail="no check is called is_nice")]


def test_a_tool_that_is_not_installed_is_a_fault_with_a_reason() -> None:
    """Asking for nothing is answered, not survived in silence."""
    [fault] = check_tool("sorcery")
    assert fault.check == "starts"
    assert "no tool 'sorcery' is installed" in fault.detail


def test_a_new_tool_needs_a_slug_and_a_free_place(tmp_path: Path) -> None:
    """A name that is no slug and a directory that is there are refused before anything is written."""
    with pytest.raises(Malformed):
        write_new_tool("Night Noise!", tmp_path / "x")
    assert not (tmp_path / "x").exists()
    with pytest.raises(Conflict):
        write_new_tool("night_noise", tmp_path)
