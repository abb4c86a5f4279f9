"""The conformance suite of tools: what every tool, ours or anybody's, must keep to.

`check_tool("my_tool")` returns the faults found, an empty list for a tool that may be switched on. The checks run in a
process of their own, which is ended when the tool does not come back, so that a hostile or hanging tool harms nobody.
What each check demands is the first sentence of its function in `tool_checks.py`.

    from impetus.testing.check_tool import check_tool
    assert check_tool("my_tool") == []
"""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 120.0
"""Seconds one check may take before its tool counts as hanging; a sound tool takes a few on a slow machine. House rule."""
SEEDS = ("1", "2")
"""Hash seeds of two runs whose findings must agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One broken rule: the check that found it, and what it saw."""

    check: str
    detail: str


def check_tool(
    tool: str, *, search: Sequence[Path] = (), patience_s: float = PATIENCE_S, only: Sequence[str] = ()
) -> list[Fault]:
    """Run the suite on an installed tool; `search` are further directories to import from, as on PYTHONPATH.

    `only` names the checks to run, all by default; naming none that exists is a fault.
    """
    faults: list[Fault] = []
    done: list[str] = []
    told: dict[str, set[str]] = {}
    while True:
        session = _session(tool, SEEDS[0], search, skip=done, only=only, patience_s=patience_s)
        faults += session.faults
        done += session.begun
        for check, digest in session.digests.items():
            told.setdefault(check, set()).add(digest)
        if session.complete:
            break
        if not session.begun:
            return [*faults, Fault(check="starts", detail=session.said or "the suite did not start")]
        faults.append(Fault(check=session.begun[-1], detail=session.said))
    if not done:
        return [Fault(check="starts", detail=f"no check is called {' or '.join(only)}")]
    if told and not faults:
        faults += _other_seed(tool, search, told, patience_s)
    return faults


def _other_seed(tool: str, search: Sequence[Path], told: dict[str, set[str]], patience_s: float) -> list[Fault]:
    """Run the checks that told a digest again under another hash seed; the digests must agree."""
    session = _session(tool, SEEDS[1], search, only=list(told), patience_s=patience_s)
    return [
        Fault(
            check=check, detail="findings differ between two processes: something depends on the hash seed or on chance"
        )
        for check, digests in told.items()
        if session.digests.get(check) not in digests
    ]


@dataclass(slots=True, kw_only=True)
class _Session:
    """What one child process told."""

    begun: list[str]
    faults: list[Fault]
    digests: dict[str, str]
    complete: bool = False
    said: str = ""


def _session(
    tool: str,
    seed: str,
    search: Sequence[Path],
    *,
    patience_s: float,
    skip: Sequence[str] = (),
    only: Sequence[str] = (),
) -> _Session:
    """Run checks in a child until they are done, it dies, or one takes too long."""
    paths = [*map(str, search), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(paths)}
    orders = json.dumps({"tool": tool, "skip": list(skip), "only": list(only)})
    session = _Session(begun=[], faults=[], digests={})
    with subprocess.Popen(  # noqa: S603  # our own module, with our own interpreter
        [sys.executable, "-m", "impetus.testing.tool_checks", orders],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as child:
        _listen(child, session, patience_s)
        child.kill()
    return session


def _listen(child: "subprocess.Popen[bytes]", session: _Session, patience_s: float) -> None:
    """Take in one line of JSON after another; every line gives new patience."""
    output, errors, tail = child.stdout, child.stderr, b""
    if output is None or errors is None:
        return
    os.set_blocking(output.fileno(), False)
    os.set_blocking(errors.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        selector.register(errors, selectors.EVENT_READ)
        pending, deadline_s = b"", time.monotonic() + patience_s
        while selector.get_map():
            ready = selector.select(max(0.0, deadline_s - time.monotonic()))
            if not ready:
                session.said = f"did not come back within {patience_s:g} s"
                return
            for key, _ in ready:
                chunk = os.read(key.fd, 65_536)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is errors:
                    tail = (tail + chunk)[-2_000:]
                else:
                    *lines, pending = (pending + chunk).split(b"\n")
                    deadline_s = time.monotonic() + patience_s
                    for line in lines:
                        _note(session, line)
    if not session.complete:
        session.said = f"the process ended: {tail.decode(errors='replace').strip()[-500:] or 'without a word'}"


def _note(session: _Session, line: bytes) -> None:
    """Take in one line; what a tool printed itself is no line of ours and is left alone."""
    try:
        word = json.loads(line)
        match word["word"]:
            case "begin":
                session.begun.append(str(word["check"]))
            case "fault":
                session.faults.append(Fault(check=str(word["check"]), detail=str(word["detail"])))
            case "digest":
                session.digests[str(word["check"])] = str(word["digest"])
            case "complete":
                session.complete = True
            case _:
                return
    except (ValueError, KeyError, TypeError):
        return
