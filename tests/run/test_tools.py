"""Finding tools by their entry points: each that is sound, and each that is not, with its fault."""

import hashlib
from pathlib import Path

import pytest

from impetus.core.errors import Misconfigured, Unknown
from impetus.core.ids import ToolId
from impetus.core.manifest import Senses
from impetus.run.tools import InstalledTool, find_tool, installed, read_tool
from manifests import plain_manifest

MANIFEST = plain_manifest()
COUNT = iter(range(1_000))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory that packages are imported from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def package(shelf: Path, *, manifest: str | bytes | None = MANIFEST, init: str = "", tool: str = "") -> str:
    """Write a package with a name no other test has, and return it."""
    name = f"trial_package_{next(COUNT)}"
    directory = shelf / name
    directory.mkdir()
    (directory / "__init__.py").write_text(init)
    (directory / "tool.py").write_text(tool)
    if manifest is not None:
        content = manifest if isinstance(manifest, bytes) else manifest.encode()
        (directory / "manifest.toml").write_bytes(content)
    return name


def entry(shelf: Path, name: str, target: str) -> None:
    """Write an entry point as an installer does."""
    metadata = shelf / f"{name}-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[impetus.tools]\n{name} = {target}\n")


def test_a_sound_package_is_read_with_the_hash_of_its_manifest(shelf: Path) -> None:
    """The hash is what a snapshot is held against: another manifest is another tool."""
    name = package(shelf)
    found = read_tool("trial", name)
    assert found.fault == ""
    assert found.manifest is not None
    assert (found.id, found.directory) == ("trial", shelf / name)
    assert found.manifest_hash == hashlib.sha256(MANIFEST.encode()).hexdigest()


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "manifest.toml"),
        ("[tool", "manifest is not TOML"),
        ("", "lacks the table [tool]"),
        (MANIFEST.replace('"trial"', '"other"'), "entry point 'trial', manifest 'other'"),
        (MANIFEST.replace('"observations"', '"video"', 1), "senses.input is 'video'"),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_a_package_that_cannot_be_read_is_an_entry_with_its_fault(
    shelf: Path, manifest: str | bytes | None, said: str
) -> None:
    """Nothing is raised: one broken tool must not keep the others from being found."""
    found = read_tool("trial", package(shelf, manifest=manifest))
    assert said in found.fault
    assert found.manifest is None


@pytest.mark.parametrize("target", ["no_such_package_anywhere", "json.decoder", "impetus.settings", ""])
def test_what_is_no_package_is_an_entry_with_its_fault(target: str) -> None:
    """A name that leads nowhere, and modules that cannot hold a manifest."""
    assert read_tool("trial", target).fault


def test_looking_up_a_tool_runs_none_of_its_code(shelf: Path) -> None:
    """Listing what is installed must not start anything: this package would raise."""
    assert read_tool("trial", package(shelf, init="raise RuntimeError('started')")).fault == ""


def test_a_package_inside_one_that_raises_is_an_entry_with_its_fault(shelf: Path) -> None:
    """The parent of a nested package is imported to find it; what it raises is the tool's fault, not the platform's."""
    outer = package(shelf, init="raise RuntimeError('no licence')")
    assert "no licence" in read_tool("trial", f"{outer}.noise").fault


def test_the_class_is_imported_when_it_is_asked_for(shelf: Path) -> None:
    """Only then does the tool's own code run."""
    name = package(shelf, tool="class Tool: pass\n")
    assert read_tool("trial", name).factory().__module__ == f"{name}.tool"


@pytest.mark.parametrize("tool", ["", "Tool = 3\n", "def Tool(): pass\n", "class tool: pass\n"])
def test_a_module_without_the_class_is_refused_with_its_name(shelf: Path, tool: str) -> None:
    """What would be right is said: a class named Tool."""
    name = package(shelf, tool=tool)
    with pytest.raises(Misconfigured, match=f"{name}.tool has no class Tool") as refusal:
        read_tool("trial", name).factory()
    assert refusal.value.limit == "a class named Tool"


def test_a_broken_tool_cannot_be_made_and_says_why(shelf: Path) -> None:
    """The fault of the entry is the reason of the refusal."""
    with pytest.raises(Misconfigured, match=r"tool trial is broken: .*TOML"):
        read_tool("trial", package(shelf, manifest="[")).factory()


def test_what_a_tool_raises_at_import_is_not_hidden(shelf: Path) -> None:
    """Whoever makes the tool needs the error itself."""
    with pytest.raises(ZeroDivisionError):
        read_tool("trial", package(shelf, tool="1 / 0\n")).factory()


def test_a_third_party_is_found_beside_what_is_built_in(shelf: Path) -> None:
    """By its entry point alone, in the order of ids."""
    name = package(shelf)
    entry(shelf, "trial", name)
    tools = installed()
    assert tools[ToolId("trial")].package == name
    assert {"fusion", "trial", "urban_anomaly"} <= set(tools)
    assert list(tools) == sorted(tools)


def test_a_broken_third_party_does_not_hide_what_is_built_in(shelf: Path) -> None:
    """It is listed with its fault, and the others are as they were."""
    entry(shelf, "broken", package(shelf, manifest=None))
    tools = installed()
    assert tools[ToolId("broken")].fault
    assert tools[ToolId("urban_anomaly")].fault == ""


@pytest.mark.parametrize(("tool", "senses"), [("urban_anomaly", Senses.OBSERVATIONS), ("fusion", Senses.FINDINGS)])
def test_the_built_in_tools_are_sound(tool: str, senses: Senses) -> None:
    """One senses readings, one findings."""
    found = find_tool(tool)
    assert isinstance(found, InstalledTool)
    assert found.manifest is not None
    assert found.manifest.senses is senses


@pytest.mark.parametrize("tool", ["sorcery", "", "Urban_anomaly", "../fusion"])
def test_an_unknown_tool_is_refused_with_those_there_are(tool: str) -> None:
    """The remedy is a package or another name."""
    with pytest.raises(Unknown) as refusal:
        find_tool(tool)
    assert refusal.value.value == tool
    assert "fusion" in str(refusal.value.limit)
