"""Erasure is proved by search: marks in every store, their time over, every byte looked at, and the proof can fail."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from impetus.adapters.backup.manifest import read_manifest
from impetus.adapters.backup.restore import restore_backup
from impetus.adapters.key_safe import sync_safe
from impetus.adapters.sql import engine
from impetus.core.errors import Unknown
from impetus.core.retention import Proof
from impetus.desk.sweep import sweep
from impetus.run import proof
from impetus.run.marks import Search
from impetus.run.planting import HELD_EVERY, PLANTERS
from impetus.run.proof import Trial
from impetus.settings import Settings, keep_of
from impetus.wiring import open_desk

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARKS = 420


def nobody(_share: float, _text: str) -> None:
    """Show no progress."""


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """Give a scratch installation with marks in every store, and a backup of it in a drawer."""
    opened = proof.open_trial(Settings(home=tmp_path), tmp_path / "trial", MARKS, AT)
    yield opened
    opened.desk.close()


def missing(search: Search, *, held: bool) -> set[object]:
    """Return the marks a search did not see."""
    known = {**search.marks.texts, **search.marks.numbers}
    return {mark for mark, is_held in known.items() if is_held is held} - set(search.found)


def test_before_its_time_every_mark_is_there(trial: Trial) -> None:
    """The search sees what is planted: nothing is found afterwards because it is gone, not because nobody looked."""
    search = proof.look(trial)
    assert trial.ground.marks.count(held=False) + trial.ground.marks.count(held=True) >= MARKS
    assert missing(search, held=False) == set()
    assert missing(search, held=True) == set()


def test_every_store_is_planted() -> None:
    """Rounds go through all planters, so that a held one and one that is not reach every store."""
    assert len(PLANTERS) == 13
    assert HELD_EVERY < 10


def test_after_its_time_no_mark_is_left_in_any_byte_and_every_held_one_is(trial: Trial) -> None:
    """Files, names, free pages, journals, the bus, the drawer's backup: 0 hits; what is held is all there."""
    proof.let_time_pass(trial)
    search = proof.look(trial)
    assert search.among(held=False) == {}
    assert missing(search, held=True) == set()
    assert search.files > 30


def test_the_proof_fails_when_erased_rows_are_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: with `secure_delete` off, rows stay in free pages, and the search finds them."""
    kept = tuple(pragma.replace("secure_delete=ON", "secure_delete=OFF") for pragma in engine.PRAGMAS)
    assert kept != engine.PRAGMAS
    monkeypatch.setattr(engine, "PRAGMAS", kept)
    trial = proof.open_trial(Settings(home=tmp_path), tmp_path / "trial", MARKS, AT)
    try:
        proof.let_time_pass(trial)
        found = proof.look(trial).among(held=False)
    finally:
        trial.desk.close()
    assert found
    assert any("state.sqlite3" in place for places in found.values() for place in places)


def test_the_proof_fails_when_the_journal_is_not_emptied(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second negative control: pages as they were before the erasure lie in the write-ahead log."""
    monkeypatch.setattr(type(trial.desk.store), "compact", lambda _: True)
    proof.let_time_pass(trial)
    found = proof.look(trial).among(held=False)
    assert any(place.endswith("-wal") for places in found.values() for place in places)


def test_the_proof_fails_when_no_key_is_destroyed(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third: the drawer's backup can still be opened, and everything in it is found."""
    monkeypatch.setattr(type(trial.desk.class_keys), "destroy", lambda _self, _keys: 0)
    proof.let_time_pass(trial)
    found = proof.look(trial).among(held=False)
    assert any(place.startswith("inside pieces/") for places in found.values() for place in places)


def test_a_backup_where_it_was_made_goes_and_one_in_a_drawer_cannot_be_read(trial: Trial) -> None:
    """Reachable ones are removed by age; of the other only the log opens, whose entries are commitments kept for ten years."""
    made = trial.drawer.parent / "backup"
    assert made.is_dir()
    proof.let_time_pass(trial)
    assert not made.exists()
    pieces = read_manifest(trial.drawer).pieces
    still = {kind for kind, _ in trial.desk.class_keys.days()} & {piece.kind for piece in pieces}
    assert still == {"log"}
    closed = proof.open_pieces(trial, trial.drawer, Search(marks=trial.ground.marks))
    assert closed == sum(piece.kind != "log" for piece in pieces) > 8


def test_what_is_held_comes_back_from_a_later_backup_and_nothing_else(trial: Trial, tmp_path: Path) -> None:
    """A backup made when only held things are left holds these, sealed under the holds' own keys, and restores them."""
    proof.let_time_pass(trial)
    place, safe, home = tmp_path / "later", tmp_path / "safe", tmp_path / "fresh"
    proof.back_up(trial, place)
    sync_safe(trial.home, safe, trial.clock.now())
    restore_backup(place, safe, home, nobody)
    desk = open_desk(Settings(home=home), trial.clock)
    try:
        while not sweep(desk, proof.KEEPER, keep_of(trial.settings)).is_complete:
            pass
        search = Search(marks=trial.ground.marks)
        search.look_through(home)
        for name in desk.blobs.names():
            search.take(desk.blobs.get(name), name)
    finally:
        desk.close()
    assert search.among(held=False) == {}
    assert missing(search, held=True) == set()


def test_a_hold_that_ends_lets_go_of_everything(trial: Trial) -> None:
    """Ten months later nobody extended them: what was held goes too, with the holds' keys."""
    proof.let_time_pass(trial)
    trial.clock.set(trial.clock.now() + timedelta(days=301))
    proof.run_retention(trial)
    search = proof.look(trial)
    assert search.among(held=True) == {}
    assert not [kind for kind, _ in trial.desk.class_keys.days() if kind.startswith("held-")]


def test_held_evidence_opens_while_the_key_of_its_day_is_gone(trial: Trial) -> None:
    """It was sealed again under its hold: the key of the day can go for everybody else's."""
    proof.let_time_pass(trial)
    kinds = {kind for kind, _ in trial.desk.class_keys.days()}
    assert "evidence" not in kinds
    for name, inside in trial.ground.blobs.items():
        if trial.ground.marks.texts[inside]:
            assert trial.desk.blobs.get(name) == inside.encode()
        else:
            with pytest.raises(Unknown):
                trial.desk.blobs.get(name)


def test_the_proof_as_the_command_makes_it(tmp_path: Path) -> None:
    """It plants at least as many as asked, finds none of them, all the held ones, and says how much it looked at."""
    found = proof.prove_erasure(Settings(home=tmp_path), 200, nobody)
    assert found.planted >= 200
    assert (found.found, found.held_found) == (0, found.held)
    assert found.held >= 20
    assert found.is_good
    assert found.bytes_ > 100_000


@pytest.mark.parametrize(
    ("planted", "found", "held", "held_found", "is_good"),
    [(10, 0, 2, 2, True), (10, 1, 2, 2, False), (10, 0, 2, 1, False), (0, 0, 0, 0, False)],
)
def test_what_a_good_proof_is(planted: int, found: int, held: int, held_found: int, is_good: bool) -> None:  # noqa: FBT001 - a table's column
    """Something was planted, nothing of it found, everything held found."""
    result = Proof(at=AT, planted=planted, found=found, held=held, held_found=held_found, files=1, bytes_=1)
    assert result.is_good is is_good
