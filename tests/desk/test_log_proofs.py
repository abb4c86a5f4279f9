"""Proofs in a package: whoever receives it checks with RFC 6962 alone that each line stands in the signed log."""

import base64
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from desk.gate_samples import room
from desk.log_samples import a_desk, drain, entries_of, head_of, report, writer_of
from impetus.adapters.bus_journal import BusJournal
from impetus.adapters.signatures import verify as check
from impetus.core.action import ActionKind
from impetus.desk.context import Desk
from impetus.desk.log_proofs import PROOFS, proofs
from impetus.desk.package import fetch_package
from impetus.ethics.log.checkpoint import is_signed, parse_checkpoint, parse_key, parse_note
from impetus.ethics.log.entry import read_entry
from impetus.ethics.log.merkle import leaf_hash, verify_inclusion

ENTRIES = 300
"""More than one tile holds, so that paths go through a second level."""


@pytest.fixture
def desk() -> Desk:
    """Give a desk with a log of 300 entries under a checkpoint, and three on their way."""
    made = a_desk()
    report(made, 0, ENTRIES)
    writer = writer_of(made)
    drain(writer)
    writer.seal()
    return made


def lines_of(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """Return the lines of the file of proofs."""
    return [json.loads(line) for line in files[PROOFS].splitlines()]


def holds(files: dict[str, bytes], line: dict[str, Any]) -> bool:
    """Check a line as a stranger does: the checkpoint's signature, then the path from the entry to its root."""
    note, key = parse_note(files["log/checkpoint"]), parse_key(files["log/key"].decode().strip())
    head = parse_checkpoint(note.text)
    leaf = leaf_hash(base64.b64decode(line["entry"]))
    path = [base64.b64decode(each) for each in line["path"]]
    return is_signed(note, key, check) and verify_inclusion(leaf, line["index"], line["size"], path, head.root)


def test_every_entry_proves_itself_with_what_lies_in_the_package(desk: Desk) -> None:
    """The first, the last, both sides of a tile's edge; in the order of the log, each once."""
    wanted = [ENTRIES - 1, 0, 255, 256, 257, 128, 0]
    files = proofs(desk, wanted)
    found = lines_of(files)
    assert [line["index"] for line in found] == sorted(set(wanted))
    assert all(holds(files, line) for line in found)
    assert base64.b64decode(found[0]["entry"]) == entries_of(desk)[0]


@pytest.mark.parametrize("part", ["entry", "path", "index"])
def test_a_changed_line_proves_nothing(desk: Desk, part: str) -> None:
    """Another entry, another path, another place."""
    files = proofs(desk, [7])
    line = lines_of(files)[0]
    other = lines_of(proofs(desk, [8]))[0]
    assert holds(files, line)
    assert not holds(files, {**line, part: other[part]})


def test_an_entry_names_nobody(desk: Desk) -> None:
    """Who, why and recipient are commitments; nothing in the package opens them."""
    line = lines_of(proofs(desk, [0]))[0]
    entry = read_entry(base64.b64decode(line["entry"]))
    assert not {"who", "why", "recipient"} & {
        name for name, value in entry.items() if isinstance(value, str) and " " in value
    }
    assert set(line) == {"index", "size", "entry", "path"}


def test_what_is_not_under_the_checkpoint_yet_says_so(desk: Desk) -> None:
    """It is in the log ten seconds later; the package is not held up for it."""
    size = head_of(desk).size
    line = lines_of(proofs(desk, [size + 5]))[0]
    assert line == {"index": size + 5, "missing": "not under the checkpoint yet; ask again later"}


def test_what_retention_removed_says_so(desk: Desk) -> None:
    """The line of the package stays; its proof is gone with the legal period."""
    for path in [path for path in desk.log_files.names() if "entries" in path]:
        desk.log_files.remove([path])
    assert "is not here" in lines_of(proofs(desk, [3]))[0]["missing"]


def test_before_the_first_checkpoint_there_are_no_proofs() -> None:
    """And no empty file that looks like some."""
    assert proofs(a_desk(), [0]) == {}


def test_a_package_carries_the_proofs_of_its_own_lines() -> None:
    """Each line of log.jsonl has its proof, and all of it is under the package's sums."""
    house = room()
    house = replace(house, desk=replace(house.desk, journal=BusJournal(house.desk.bus)))
    house.desk.journal.write([])
    asked = house.propose(ActionKind.EVIDENCE_PACKAGE)
    house.approve("sol", asked.id)
    writer = writer_of(house.desk)
    drain(writer)
    writer.seal()
    house.approve("eva", asked.id)
    archive = zipfile.ZipFile(io.BytesIO(fetch_package(house.desk, house.people["sol"], asked.id)))
    files = {name: archive.read(name) for name in archive.namelist()}
    proven = {line["index"]: line for line in lines_of(files)}
    told = [json.loads(line)["index"] for line in files["log.jsonl"].splitlines()]
    assert told
    assert set(told) == set(proven)
    assert all(holds(files, line) for line in proven.values())
    assert {"log/checkpoint", "log/key", PROOFS} <= {
        row.split("  ")[1] for row in files["SHA256SUMS"].decode().splitlines()
    }
