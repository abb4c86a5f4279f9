"""Verification of a copy: what is sound is called sound, and whatever was done to it is found and named."""

from dataclasses import replace

import pytest

from ethics.log_samples import AT, LOG_KEY, ORIGIN, SIGNATURES, StoredLog, an_entry, judge, reference_root
from impetus.adapters.signatures import verify as check
from impetus.ethics.log.checkpoint import (
    COSIGNATURE,
    Checkpoint,
    VerifierKey,
    cosign,
    parse_checkpoint,
    parse_key,
    parse_note,
)
from impetus.ethics.log.merkle import leaf_hash
from impetus.ethics.log.rebuild import CHECKPOINT, KEY, Copy
from impetus.ethics.log.tiles import decode_bundle, encode_bundle
from impetus.ethics.log.verdict import MAX_FAULTS, Verdict
from impetus.ethics.log.verify import TRUSTED, Trusted, verify

WITNESS = VerifierKey(name="witness.example/w1", public_key=SIGNATURES.public_key("w1"), kind=COSIGNATURE)
SIZE = 700


@pytest.fixture
def log() -> StoredLog:
    """Give a log of 700 entries that grew in three steps, the partial tiles of the earlier ones still there."""
    log = StoredLog()
    for start, end in ((0, 100), (100, 600), (600, SIZE)):
        log.grow([an_entry(number) for number in range(start, end)])
    return log


def wheres(verdict: Verdict) -> set[str]:
    """Return where faults are."""
    return {fault.where for fault in verdict.faults}


def test_a_whole_copy_is_sound(log: StoredLog) -> None:
    """Every entry was read, the root is that of the definition, and the sentence says so."""
    verdict = judge(log.files, Trusted(key=LOG_KEY, checkpoint=log.files[CHECKPOINT]))
    assert verdict.is_sound
    assert (verdict.size, verdict.entries, verdict.compared, verdict.remarks) == (SIZE, SIZE, SIZE, [])
    assert verdict.root == reference_root([an_entry(number) for number in range(SIZE)])
    assert verdict.sentence().startswith("Sound. 700 entries of impetus/test")
    assert "trusted checkpoint of 700 entries is the beginning" in verdict.sentence()


def test_an_empty_log_is_sound() -> None:
    """A checkpoint over nothing has the root of nothing."""
    log = StoredLog()
    log.grow([])
    assert judge(log.files).is_sound


@pytest.mark.parametrize("size", [1, 99, 100, 256, 300, 512, 699])
def test_every_earlier_checkpoint_is_the_beginning_of_the_copy(log: StoredLog, size: int) -> None:
    """Whichever checkpoint a witness kept, the copy goes on from it."""
    head = Checkpoint(origin=ORIGIN, size=size, root=reference_root([an_entry(number) for number in range(size)]))
    assert judge(log.files, Trusted(key=LOG_KEY, checkpoint=log.signed(head).encode())).is_sound


def test_without_a_trusted_key_the_copys_own_is_used_and_that_is_said(log: StoredLog) -> None:
    """It proves less, so the verdict says where the key came from."""
    verdict = judge(log.files, Trusted())
    assert verdict.is_sound
    assert not verdict.is_key_trusted
    assert any("key you trust" in remark for remark in verdict.remarks)
    del log.files[KEY]
    assert wheres(judge(log.files, Trusted())) == {KEY}
    assert judge(log.files).is_sound


def test_an_edited_entry_is_named(log: StoredLog) -> None:
    """The entry's number and the bundle's path stand in the sentence."""
    entries = decode_bundle(log.files["tile/entries/001"])
    entries[44] = entries[44].replace(b"operator", b"nobody42")
    log.files["tile/entries/001"] = encode_bundle(entries)
    verdict = judge(log.files)
    assert {"entry 300", CHECKPOINT} <= wheres(verdict)
    assert "NOT sound" in verdict.sentence()
    assert "entry 300: it does not fit its hash in tile/entries/001" in verdict.sentence()


def test_an_edited_entry_with_its_tile_made_to_fit_is_found_above(log: StoredLog) -> None:
    """Whoever recomputes the tile leaves the tile above; whoever recomputes all of them leaves the signature."""
    entries = decode_bundle(log.files["tile/entries/001"])
    entries[44] = entries[44].replace(b"operator", b"nobody42")
    log.files["tile/entries/001"] = encode_bundle(entries)
    log.files["tile/0/001"] = b"".join(map(leaf_hash, entries))
    assert {"tile/1/000.p/2", CHECKPOINT} <= wheres(judge(log.files))


def test_a_rewritten_log_under_the_old_signature_is_found(log: StoredLog) -> None:
    """Every tile made anew fits; the signed root does not."""
    forged = StoredLog()
    forged.grow([an_entry(number) for number in range(SIZE - 1)] + [an_entry(9)])
    forged.files[CHECKPOINT] = log.files[CHECKPOINT]
    assert wheres(judge(forged.files)) == {CHECKPOINT}


def test_a_rewritten_log_signed_by_another_key_is_found() -> None:
    """Its own key fits; the trusted one does not."""
    forged = StoredLog(signer="thief")
    forged.grow([an_entry(number) for number in range(10)])
    assert judge(forged.files, Trusted()).is_sound
    assert {CHECKPOINT, KEY} == wheres(judge(forged.files))


def test_a_rewritten_log_signed_with_the_stolen_key_is_found_by_a_witness(log: StoredLog) -> None:
    """Everything fits but what a witness kept: a fork."""
    forged = StoredLog()
    forged.grow([an_entry(number) for number in range(SIZE - 1)] + [an_entry(9), an_entry(10)])
    assert judge(forged.files).is_sound
    verdict = judge(forged.files, Trusted(key=LOG_KEY, checkpoint=log.files[CHECKPOINT]))
    assert wheres(verdict) == {TRUSTED}
    assert "another log under this name" in verdict.sentence()


def test_a_log_put_back_from_an_earlier_day_is_found_by_a_witness(log: StoredLog) -> None:
    """Old files under their old, good signature are sound by themselves and shorter than what was witnessed."""
    old = StoredLog()
    old.grow([an_entry(number) for number in range(600)])
    verdict = judge(old.files, Trusted(key=LOG_KEY, checkpoint=log.files[CHECKPOINT]))
    assert wheres(verdict) == {TRUSTED}
    assert "cut off, or put back from an earlier day" in verdict.sentence()


@pytest.mark.parametrize(
    "path", ["tile/entries/000", "tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/002.p/188", CHECKPOINT]
)
def test_a_missing_file_is_named(log: StoredLog, path: str) -> None:
    """Whatever the checkpoint needs must be there."""
    del log.files[path]
    verdict = judge(log.files)
    assert path in wheres(verdict)
    assert any(fault.what == "it is missing" for fault in verdict.faults)


def test_a_missing_bundle_does_not_hide_other_faults(log: StoredLog) -> None:
    """Its stored hashes stand in for it, so that the rest is still judged."""
    del log.files["tile/entries/000"]
    verdict = judge(log.files)
    assert wheres(verdict) == {"tile/entries/000"}
    del log.files["tile/0/000"]
    verdict = judge(log.files)
    assert {"tile/entries/000", "tile/0/000", CHECKPOINT} == wheres(verdict)
    assert "too incomplete for a root" in verdict.faults[-1].what


@pytest.mark.parametrize("path", ["tile/0/000.p/100", "tile/entries/000.p/100", "tile/1/000.p/1"])
def test_partial_tiles_of_earlier_checkpoints_are_held_against_the_entries(path: str) -> None:
    """A changed leftover is a fault as well: it was published once."""
    log = StoredLog()
    for start, end in ((0, 100), (100, 300), (300, SIZE)):
        log.grow([an_entry(number) for number in range(start, end)])
    assert judge(log.files).is_sound
    log.files[path] = bytes(len(log.files[path]))
    assert path in wheres(judge(log.files))


@pytest.mark.parametrize("change", [b"", b"\x00", b"\x00" * 31])
def test_a_cut_tile_is_named(log: StoredLog, change: bytes) -> None:
    """A tile of another length is not compared but blamed."""
    log.files["tile/0/001"] = change
    assert "tile/0/001" in wheres(judge(log.files))
    log.files["tile/1/000.p/2"] = change
    assert "tile/1/000.p/2" in wheres(judge(log.files))


def test_a_bundle_with_one_entry_more_or_less_is_named(log: StoredLog) -> None:
    """Entries put in or left out change the number of entries, and that is said."""
    entries = decode_bundle(log.files["tile/entries/001"])
    for changed in (entries[:-1], [*entries, b"{}"], entries[:100] + entries[101:]):
        log.files["tile/entries/001"] = encode_bundle(changed)
        verdict = judge(log.files)
        assert "tile/entries/001" in wheres(verdict)
        assert "instead of 256" in verdict.sentence()


def test_files_that_do_not_belong_are_named(log: StoredLog) -> None:
    """A copy holds a log and nothing else."""
    log.files["tile/0/notes.txt"] = b"hello"
    assert wheres(judge(log.files)) == {"tile/0/notes.txt"}


def test_what_lies_beyond_the_checkpoint_is_remarked(log: StoredLog) -> None:
    """A running log is ahead of its checkpoint; nothing is claimed about that part."""
    old = log.files[CHECKPOINT]
    log.grow([an_entry(number) for number in range(300)])
    log.files[CHECKPOINT] = old
    verdict = judge(log.files)
    assert verdict.is_sound
    assert any("beyond the checkpoint" in remark for remark in verdict.remarks)


def test_entries_that_are_no_objects_are_remarked() -> None:
    """The log is whole even if somebody wrote nonsense into it; the reader is told."""
    log = StoredLog()
    log.grow([b"nonsense", b"[]", an_entry(1)])
    verdict = judge(log.files)
    assert verdict.is_sound
    assert verdict.remarks == ["2 entries are not JSON objects"]


def test_a_pruned_copy_is_sound_without_its_beginning(log: StoredLog) -> None:
    """With the minimum index signed, bundles and level-0 tiles below it may be missing, and only those."""
    log.grow([], minimum=512)
    for path in ("tile/entries/000", "tile/entries/001", "tile/0/000", "tile/0/001"):
        del log.files[path]
    verdict = judge(log.files, Trusted(key=LOG_KEY, checkpoint=log.files[CHECKPOINT]))
    assert verdict.is_sound
    assert (verdict.entries, verdict.minimum) == (188, 512)
    assert "entries below 512 were removed by retention" in verdict.sentence()
    for size in (512, 600):
        root = reference_root([an_entry(number) for number in range(size)])
        older = log.signed(Checkpoint(origin=ORIGIN, size=size, root=root)).encode()
        assert judge(log.files, Trusted(key=LOG_KEY, checkpoint=older)).is_sound


def test_a_beginning_that_is_gone_without_a_signature_on_it_is_found(log: StoredLog) -> None:
    """Removing more than the signed minimum index allows is removing."""
    log.grow([], minimum=256)
    for path in ("tile/entries/000", "tile/entries/001", "tile/0/000", "tile/0/001"):
        del log.files[path]
    assert "tile/entries/001" in wheres(judge(log.files))


def test_a_pruned_copy_without_the_hashes_above_has_no_root(log: StoredLog) -> None:
    """The hashes of level 1 are what a removed beginning is proved by."""
    log.grow([], minimum=512)
    del log.files["tile/1/000.p/2"]
    verdict = judge(log.files)
    assert {"tile/1", CHECKPOINT} == wheres(verdict)


def test_a_trusted_checkpoint_from_before_the_pruning_cannot_be_compared(log: StoredLog) -> None:
    """It says so and asks for a newer one, rather than believe."""
    old = log.signed(
        Checkpoint(origin=ORIGIN, size=100, root=reference_root([an_entry(number) for number in range(100)]))
    )
    log.grow([], minimum=512)
    verdict = judge(log.files, Trusted(key=LOG_KEY, checkpoint=old.encode()))
    assert wheres(verdict) == {TRUSTED}
    assert "use a newer checkpoint" in verdict.sentence()


def test_witnesses_of_a_checkpoint_are_named(log: StoredLog) -> None:
    """A good cosignature is said with its time; one that is not good is a fault."""
    note = parse_note(log.files[CHECKPOINT])
    line = cosign(note, WITNESS, lambda message: SIGNATURES.sign("w1", message), at=AT)
    log.files[CHECKPOINT] = replace(note, signatures=(*note.signatures, line)).encode()
    verdict = judge(log.files, Trusted(key=LOG_KEY, witnesses=(WITNESS,)))
    assert verdict.is_sound
    assert "witness.example/w1 saw it at 2026-05-03 12:00:00 UTC" in verdict.sentence()
    spoiled = replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    log.files[CHECKPOINT] = replace(note, signatures=(*note.signatures, spoiled)).encode()
    assert wheres(judge(log.files, Trusted(key=LOG_KEY, witnesses=(WITNESS,)))) == {CHECKPOINT}


@pytest.mark.parametrize("content", [b"", b"\xff", b"text\n", b"a\n1\nAAAA\n\n"])
def test_an_unreadable_checkpoint_is_a_fault(log: StoredLog, content: bytes) -> None:
    """In the copy or from elsewhere; with a good one from elsewhere the copy is still judged."""
    good = log.files[CHECKPOINT]
    assert wheres(judge(log.files, Trusted(key=LOG_KEY, checkpoint=content))) == {TRUSTED}
    log.files[CHECKPOINT] = content
    assert wheres(judge(log.files)) == {CHECKPOINT}
    verdict = judge(log.files, Trusted(key=LOG_KEY, checkpoint=good))
    assert wheres(verdict) == {CHECKPOINT}
    assert verdict.entries == SIZE


def test_a_checkpoint_of_another_log_is_found(log: StoredLog) -> None:
    """Under our key but another name, or of another log altogether."""
    other = StoredLog(origin="impetus/other")
    content = other.grow([an_entry(1)])
    assert TRUSTED in wheres(judge(log.files, Trusted(key=LOG_KEY, checkpoint=content)))
    head = replace(parse_checkpoint(parse_note(log.files[CHECKPOINT]).text), origin="impetus/other")
    log.files[CHECKPOINT] = log.signed(head).encode()
    verdict = judge(log.files)
    assert "speaks of impetus/other" in verdict.sentence()


def test_a_broken_key_file_is_a_fault(log: StoredLog) -> None:
    """It is part of the copy, so it must be readable even when it is not needed."""
    log.files[KEY] = b"no key\n"
    assert wheres(judge(log.files)) == {KEY}
    assert parse_key(LOG_KEY.text()) == LOG_KEY


def test_faults_are_listed_up_to_a_bound() -> None:
    """Whoever rewrote everything gets a hundred lines, and the number of the rest."""
    log = StoredLog()
    log.grow([b"entry %d" % number for number in range(500)])
    log.files["tile/0/000"] = bytes(8192)
    log.files["tile/0/001.p/244"] = bytes(244 * 32)
    verdict = judge(log.files)
    assert len(verdict.faults) == MAX_FAULTS
    assert verdict.more_faults == 400
    assert "500 things are wrong" in verdict.sentence()


def test_progress_is_told() -> None:
    """About every hundred thousand entries."""
    log, told = StoredLog(), []
    log.grow([b"{}"] * 102_500)
    copy = Copy(read=log.files.get, names=sorted(log.files))
    assert verify(copy, Trusted(key=LOG_KEY), check, progress=told.append).is_sound
    assert told == [102_400]
