"""`impetus log`: a copy that anybody can verify, offline, in words that anybody understands."""

import json
import shutil
from pathlib import Path

import pytest

from cli.console import Console
from ethics.log_samples import AT, SIGNATURES, StoredLog, an_entry
from impetus.adapters.tile_log import TileFiles
from impetus.core.errors import TheirFault
from impetus.ethics.log.checkpoint import VerifierKey, cosign, parse_note
from impetus.ethics.log.rebuild import CHECKPOINT, KEY

SIZE = 300


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give the folder of a copy with 300 entries, and beside it a checkpoint and the key from elsewhere."""
    log = StoredLog()
    kept = log.grow([an_entry(number) for number in range(200)])
    log.grow([an_entry(number) for number in range(200, SIZE)])
    TileFiles(tmp_path / "copy").write(log.files)
    (tmp_path / "witnessed").write_bytes(kept)
    (tmp_path / "trusted.key").write_text(f"{log.key.text()}\r\n")
    return tmp_path / "copy"


def beside(copy: Path, name: str) -> str:
    """Return the path of a file that did not come with the copy."""
    return str(copy.parent / name)


def test_a_sound_copy_is_called_sound(console: Console, copy: Path) -> None:
    """One sentence, exit code 0, no home and no note when checkpoint and key came from elsewhere."""
    said = console.type(
        "log", "verify", str(copy), "--checkpoint", beside(copy, "witnessed"), "--key", beside(copy, "trusted.key")
    )
    assert said.code == 0
    assert said.out.startswith("Sound. 300 entries of impetus/test: 300 read and recomputed")
    assert "the trusted checkpoint of 200 entries is the beginning of this log" in said.out
    assert "Note" not in said.out
    assert not (console.home / "state.sqlite3").exists()


def test_what_was_not_given_is_said(console: Console, copy: Path) -> None:
    """Without a key and a checkpoint from elsewhere a sound copy proves less, and the reader learns it."""
    said = console.type("log", "verify", str(copy))
    assert said.code == 0
    assert "give a key you trust" in said.out
    assert "give a checkpoint that a witness kept" in said.out


def test_a_changed_entry_is_named_and_the_exit_code_says_so(console: Console, copy: Path) -> None:
    """What is wrong and where, in words; 65, the code of bad input."""
    bundle = copy / "tile/entries/001.p/44"
    bundle.write_bytes(bundle.read_bytes().replace(b"operator", b"0perator", 1))
    said = console.type("log", "verify", str(copy), "--checkpoint", beside(copy, "witnessed"))
    assert said.code == TheirFault.exit_code
    assert said.out.startswith("NOT sound. 2 things are wrong, first: entry 256: it does not fit its hash")
    assert "checkpoint: the entries give root" in said.out


def test_a_copy_put_back_from_an_earlier_day_is_found(console: Console, copy: Path, tmp_path: Path) -> None:
    """With the newer checkpoint that a witness kept."""
    newest = tmp_path / "newest"
    shutil.copy(copy / CHECKPOINT, newest)
    shutil.copy(copy.parent / "witnessed", copy / CHECKPOINT)
    said = console.type("log", "verify", str(copy), "--checkpoint", str(newest))
    assert said.code == TheirFault.exit_code
    assert "cut off, or put back from an earlier day" in said.out


def test_many_faults_are_listed_up_to_twenty(console: Console, copy: Path) -> None:
    """And the number of the rest."""
    tile = copy / "tile/0/000"
    tile.write_bytes(bytes(8192))
    said = console.type("log", "verify", str(copy))
    assert "257 things are wrong" in said.out or "and 2" in said.out
    assert "more" in said.out
    assert len(said.out.splitlines()) <= 25


def test_the_verdict_as_json(console: Console, copy: Path) -> None:
    """For programs: everything the sentence says, in fields."""
    facts = console.type("log", "verify", str(copy), "--json").facts
    assert (facts["sound"], facts["size"], facts["entries"], facts["faults"]) == (True, SIZE, SIZE, [])
    (copy / "tile/0/000").unlink()
    said = console.type("log", "verify", str(copy), "--json")
    assert said.code == TheirFault.exit_code
    assert json.loads(said.out)["faults"][0] == {"where": "tile/0/000", "what": "it is missing"}


def test_witnesses_on_the_checkpoint_are_checked_with_their_keys(console: Console, copy: Path, tmp_path: Path) -> None:
    """Named with the time they saw it."""
    key = VerifierKey(name="w.example", public_key=SIGNATURES.public_key("w"), kind=4)
    note = parse_note((copy / CHECKPOINT).read_bytes())
    line = cosign(note, key, lambda message: SIGNATURES.sign("w", message), at=AT)
    (copy / CHECKPOINT).write_bytes(note.encode() + line.line().encode())
    (tmp_path / "w.key").write_text(key.text())
    said = console.type("log", "verify", str(copy), "--witness-key", str(tmp_path / "w.key"))
    assert said.code == 0
    assert "w.example saw it at 2026-05-03 12:00:00 UTC" in said.out


def test_a_wrong_key_is_a_fault(console: Console, copy: Path, tmp_path: Path) -> None:
    """Somebody else's signature is none."""
    other = VerifierKey(name="impetus/test", public_key=SIGNATURES.public_key("other"))
    (tmp_path / "other.key").write_text(other.text())
    said = console.type("log", "verify", str(copy), "--key", str(tmp_path / "other.key"))
    assert said.code == TheirFault.exit_code
    assert "it is not signed by impetus/test" in said.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nowhere",), "there is no folder"),
        (("copy", "--checkpoint", "nowhere"), "cannot be read"),
        (("copy", "--key", "nowhere"), "cannot be read"),
        (("copy", "--key", "copy/checkpoint"), "no verifier key"),
    ],
)
def test_a_command_that_cannot_begin_is_one_line(
    console: Console, copy: Path, words: tuple[str, ...], why: str
) -> None:
    """What is missing, on standard error."""
    said = console.type("log", "verify", *words)
    assert said.code != 0
    assert said.out == ""
    assert why in said.err


def test_the_log_of_an_installation_is_exported_and_verifies(console: Console, copy: Path, tmp_path: Path) -> None:
    """Into an empty folder, with all it needs to be verified elsewhere."""
    console.at_home("account", "list")
    shutil.copytree(copy, console.home / "log-tiles", dirs_exist_ok=True)
    out = tmp_path / "out"
    said = console.at_home("log", "export", str(out))
    assert said.code == 0
    assert "300 entries are in" in said.out
    assert (out / KEY).exists()
    assert console.type("log", "verify", str(out), "--checkpoint", beside(copy, "witnessed")).code == 0
    again = console.at_home("log", "export", str(out))
    assert "is not empty" in again.err


def test_an_installation_without_a_log_says_when_to_come_back(console: Console, tmp_path: Path) -> None:
    """A new one has no checkpoint yet."""
    console.at_home("account", "list")
    said = console.at_home("log", "export", str(tmp_path / "out"))
    assert said.code != 0
    assert "no checkpoint yet" in said.err
