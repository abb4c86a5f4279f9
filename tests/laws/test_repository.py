"""What must never be in the repository, and what must."""

import re
import subprocess

from laws.tree import ROOT

LOCKFILES = (
    "requirements/run.txt",
    "requirements/dev.txt",
    "requirements/build.txt",
    "requirements/uv.txt",
    "package-lock.json",
)
OWN_SCOPE = re.compile(r"(^|[\s\"'(])/(work|tmp/work|root|home)/")
ALLOWED_PARENT = "../shared/data"


def tracked() -> list[str]:
    """Return the files git tracks."""
    run = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in run.stdout.splitlines() if (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    """Return the tracked files that are text, by name."""
    found = {}
    for name in tracked():
        try:
            found[name] = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_lockfiles_hold_hashes_and_no_addresses() -> None:
    """Each requirement is pinned with a hash, and no lockfile names where it comes from."""
    for name in LOCKFILES:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://", text), name
        if name.endswith(".txt"):
            pins = re.findall(r"^[a-z0-9][^\s]*==.*$", text, flags=re.MULTILINE | re.IGNORECASE)
            assert pins
            assert text.count("--hash=sha256:") >= len(pins), name


def test_npm_packages_are_locked_with_integrity() -> None:
    """Each browser library in the lockfile carries its integrity hash."""
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert text.count('"integrity"') >= 4
    assert '"resolved"' not in text


def test_no_built_library_is_committed() -> None:
    """Browser libraries, catalogues and lockfiles of other tools are made, not kept."""
    kept = [
        name for name in tracked() if "/vendor/" in name or name.endswith((".mo", "uv.lock")) or "node_modules" in name
    ]
    assert not kept


def test_no_path_of_one_machine_is_written_down() -> None:
    """No file names a home directory or a work place; tests take temporary directories."""
    found = [
        name for name, text in texts().items() if name != "tests/laws/test_repository.py" and OWN_SCOPE.search(text)
    ]
    assert not found


def test_nothing_outside_the_repository_is_used_but_the_data_folder() -> None:
    """The only path that leaves the repository is ../shared/data, behind IMPETUS_DATA."""
    leaving = re.compile(r"\.\./shared(?!/data)")
    found = [name for name, text in texts().items() if name != "tests/laws/test_repository.py" and leaving.search(text)]
    assert not found


def test_the_two_commands_exist() -> None:
    """`make demo`, `make test` and a dozen documented targets exist, and CI calls `make test`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in [
        "setup",
        "demo",
        "test",
        "lint",
        "types",
        "laws",
        "verify",
        "docs",
        "bench",
        "serve",
        "release",
        "help",
    ]:
        assert re.search(rf"^{target}:.*##", makefile, flags=re.MULTILINE), target
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
