"""Reading the log: its health in one look, tiles and proofs that verify, and who may."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.log_samples import AUDITOR, KEEPER, SITE, a_desk, drain, head_of, report, writer_of
from ethics.log_samples import AT, reference_root
from impetus.adapters.signatures import verify as check
from impetus.core.actor import Actor, Role, console
from impetus.core.errors import Conflict, Malformed, NotNow, Refused, Unknown
from impetus.desk.context import Desk
from impetus.desk.keep_log import LogWriter
from impetus.desk.log_notes import (
    KEEPER as KEEPER_NOTE,
)
from impetus.desk.log_notes import (
    VERIFIED,
    WitnessSeen,
    read_sealed,
    read_verified,
    write_trouble,
    write_witnesses,
)
from impetus.desk.log_reading import (
    checkpoint,
    consistency,
    inclusion,
    log_health,
    log_tile,
    verifier_key,
)
from impetus.desk.verify_log import export_log, verify_log
from impetus.ethics.log.checkpoint import is_signed, parse_key, parse_note
from impetus.ethics.log.merkle import leaf_hash, verify_consistency, verify_inclusion
from impetus.ethics.log.rebuild import CHECKPOINT, KEY, Copy
from impetus.ethics.log.tiles import decode_bundle
from impetus.ethics.log.verify import Trusted, verify
from impetus.testing.desk import clock_of


@pytest.fixture
def desk() -> Desk:
    """Give a desk whose records travel over its bus."""
    return a_desk()


@pytest.fixture
def writer(desk: Desk) -> LogWriter:
    """Give a writer that has signed 600 entries."""
    report(desk, 0, 600)
    writer = writer_of(desk)
    drain(writer)
    writer.seal()
    return writer


def test_before_the_first_entry_the_log_is_empty_and_well(desk: Desk) -> None:
    """Nothing is signed, nothing is wrong; a checkpoint is asked for again later."""
    health = log_health(desk, AUDITOR)
    assert (health.size, health.checkpoint_at, health.trouble, health.witnesses) == (0, None, "", ())
    for ask in (checkpoint, verifier_key):
        with pytest.raises(NotNow, match="no checkpoint yet"):
            ask(desk, AUDITOR)
    with pytest.raises(NotNow, match="no checkpoint yet"):
        inclusion(desk, AUDITOR, 0)


def test_health_says_what_is_signed_and_what_is_on_its_way(desk: Desk, writer: LogWriter) -> None:
    """Signed entries, their root and key, when; and records not signed yet, on the bus or in the index."""
    health = log_health(desk, AUDITOR)
    assert (health.size, health.origin, health.checkpoint_at) == (600, SITE, AT)
    assert health.root_hex == head_of(desk).root.hex()
    assert parse_key(health.key).name == SITE
    pending = health.pending
    report(desk, 600, 3)
    assert log_health(desk, AUDITOR).pending >= pending + 3
    drain(writer)
    assert log_health(desk, AUDITOR).pending >= 3
    writer.seal()
    assert log_health(desk, AUDITOR).pending <= 3


def test_health_says_what_is_wrong_the_worst_first(desk: Desk, writer: LogWriter) -> None:
    """A fork before a failed verification, that before a full disk, that before a witness out of reach."""
    write_trouble(desk.log_files, "no room to write")
    write_witnesses(
        desk.log_files,
        {
            "a": WitnessSeen(name="a", at=None, size=0, failures=3, trouble="a is out of reach"),
            "b": WitnessSeen(name="b", at=AT, size=7, failures=1, trouble="b says other", is_fork=True),
        },
    )
    trouble = log_health(desk, AUDITOR).trouble
    assert trouble.index("b holds another log") < trouble.index("no room") < trouble.index("a is out of reach")
    write_trouble(desk.log_files, "")
    assert "no room" not in log_health(desk, AUDITOR).trouble


def test_a_proof_of_inclusion_verifies(desk: Desk, writer: LogWriter) -> None:
    """For the newest checkpoint and for any earlier size, against the entry as it lies in its bundle."""
    entries = decode_bundle(log_tile(desk, AUDITOR, "tile/entries/001"))
    for size in (None, 300, 257):
        proof = inclusion(desk, AUDITOR, 256, size)
        assert proof.leaf == leaf_hash(entries[0])
        assert verify_inclusion(proof.leaf, 256, proof.size, proof.path, proof.root)
    assert inclusion(desk, AUDITOR, 256).root == head_of(desk).root


def test_a_proof_of_consistency_verifies(desk: Desk, writer: LogWriter) -> None:
    """From any size to any later one; the newest when none is named."""
    for old, new in ((1, None), (255, 600), (256, 257), (0, 600), (600, 600)):
        proof = consistency(desk, AUDITOR, old, new)
        assert verify_consistency(proof.old, proof.new, proof.old_root, proof.new_root, proof.path)
    assert consistency(desk, AUDITOR, 7).new_root == head_of(desk).root


@pytest.mark.parametrize("size", [601, 10**9])
def test_what_no_checkpoint_covers_is_not_proved(desk: Desk, writer: LogWriter, size: int) -> None:
    """An entry or a tree beyond the newest checkpoint is refused with the size there is."""
    with pytest.raises(Malformed, match="600 entries under its checkpoint"):
        inclusion(desk, AUDITOR, 3, size)
    with pytest.raises(Malformed, match="600 entries under its checkpoint"):
        consistency(desk, AUDITOR, 3, size)
    with pytest.raises(Malformed):
        inclusion(desk, AUDITOR, 600)


def test_tiles_are_read_by_their_path(desk: Desk, writer: LogWriter) -> None:
    """Those of the log, and nothing else that lies beside them."""
    assert len(log_tile(desk, AUDITOR, "tile/0/000")) == 8192
    assert log_tile(desk, AUDITOR, "tile/1/000.p/2")
    with pytest.raises(Unknown, match="tile/0/009"):
        log_tile(desk, AUDITOR, "tile/0/009")
    for path in (".keeper", "tile/../.keeper", "checkpoint", "tile/0/../../key"):
        with pytest.raises(Malformed):
            log_tile(desk, AUDITOR, path)


def test_what_retention_removed_is_unknown(desk: Desk, writer: LogWriter) -> None:
    """And health says below which index."""
    writer.prune(AT + timedelta(seconds=400))
    assert log_health(desk, AUDITOR).pruned_before == 256
    with pytest.raises(Unknown, match="tile/0/000"):
        inclusion(desk, AUDITOR, 3)
    assert inclusion(desk, AUDITOR, 300).path


def test_checkpoint_and_key_belong_together(desk: Desk, writer: LogWriter) -> None:
    """Whoever has both can check the signature."""
    note = parse_note(checkpoint(desk, AUDITOR))
    assert is_signed(note, parse_key(verifier_key(desk, AUDITOR).strip()), check)


@pytest.mark.parametrize("role", [Role.DPO, Role.AUDITOR, Role.ADMINISTRATOR, Role.SUPERVISOR])
def test_those_who_oversee_may_read_the_log(desk: Desk, writer: LogWriter, role: Role) -> None:
    """It holds no names; overseeing it is part of what they are there for."""
    assert log_health(desk, Actor(name="Eva", role=role)).size == 600


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST, Role.PLANNER, Role.INTEGRATOR, Role.EXECUTIVE])
def test_others_may_not(desk: Desk, writer: LogWriter, role: Role) -> None:
    """Deny by default, for every way of reading."""
    actor = Actor(name="Ole", role=role)
    for ask in (
        log_health,
        checkpoint,
        verifier_key,
        lambda desk, actor: log_tile(desk, actor, "tile/0/000"),
        lambda desk, actor: inclusion(desk, actor, 0),
        lambda desk, actor: consistency(desk, actor, 0),
        lambda desk, actor: export_log(desk, actor, lambda _path, _content: None),
    ):
        with pytest.raises(Refused):
            ask(desk, actor)


def test_the_whole_log_is_verified_and_that_is_noted(desk: Desk, writer: LogWriter) -> None:
    """When, how many entries, and that nothing was wrong; health shows it."""
    clock_of(desk).advance(60)
    assert verify_log(desk, KEEPER, check).is_sound
    assert log_health(desk, AUDITOR).last_verified_at == AT + timedelta(seconds=60)
    assert read_verified(desk.log_files).size == 600


def test_a_changed_log_is_found_by_its_own_keeper(desk: Desk, writer: LogWriter) -> None:
    """Health says so until it is resolved."""
    files = desk.log_files.files
    files["tile/entries/001"] = files["tile/entries/001"].replace(b"operator", b"0perator", 1)
    verdict = verify_log(desk, KEEPER, check)
    assert not verdict.is_sound
    assert "NOT sound" in log_health(desk, AUDITOR).trouble
    assert "entry 256" in log_health(desk, AUDITOR).trouble


def test_a_log_signed_with_a_foreign_key_is_found_by_its_own_keeper(desk: Desk, writer: LogWriter) -> None:
    """The key that lies beside the log is not believed: our own is."""
    files = desk.log_files.files
    files[KEY] = files[KEY].replace(b"impetus", b"impetuz")
    files[CHECKPOINT] = files[CHECKPOINT][:-10] + b"AAAAAAAA=\n"
    assert not verify_log(desk, KEEPER, check).is_sound


def test_an_empty_log_needs_no_verification(desk: Desk) -> None:
    """There is nothing to be wrong."""
    assert verify_log(desk, KEEPER, check).is_sound
    assert read_verified(desk.log_files) is None


def test_an_exported_copy_is_sound_and_complete(desk: Desk, writer: LogWriter) -> None:
    """What the checkpoint needs, its key, and the checkpoint last: a copy that was interrupted is none."""
    copied: dict[str, bytes] = {}
    assert export_log(desk, console(), copied.__setitem__) == 600
    assert list(copied)[-1] == CHECKPOINT
    key = parse_key(verifier_key(desk, AUDITOR).strip())
    verdict = verify(Copy(read=copied.get, names=sorted(copied)), Trusted(key=key), check)
    assert verdict.is_sound
    assert verdict.remarks == []
    entries = [entry for path in sorted(copied) if "entries" in path for entry in decode_bundle(copied[path])]
    assert reference_root(entries) == head_of(desk).root


def test_a_pruned_log_is_exported_from_its_beginning_on(desk: Desk, writer: LogWriter) -> None:
    """The copy says, signed, where it begins."""
    writer.prune(AT + timedelta(seconds=400))
    copied: dict[str, bytes] = {}
    export_log(desk, console(), copied.__setitem__)
    verdict = verify(Copy(read=copied.get, names=sorted(copied)), Trusted(), check)
    assert verdict.is_sound
    assert verdict.minimum == 256


def test_an_empty_log_is_not_exported(desk: Desk) -> None:
    """There is nothing anybody could verify."""
    with pytest.raises(NotNow, match="no checkpoint yet"):
        export_log(desk, console(), lambda _path, _content: None)


@pytest.mark.parametrize("content", [b"[1]", b"rubbish", b"{}", b'{"size":1,"at":10000000000000000000,"offset":1}'])
def test_notes_that_cannot_be_read_count_as_not_written(desk: Desk, writer: LogWriter, content: bytes) -> None:
    """Health is shown without them."""
    desk.log_files.write({KEEPER_NOTE: content, VERIFIED: content})
    assert read_sealed(desk.log_files) is None
    health = log_health(desk, AUDITOR)
    assert (health.checkpoint_at, health.last_verified_at, health.size) == (None, None, 600)


def test_an_unreadable_checkpoint_does_not_hide_the_page(desk: Desk, writer: LogWriter) -> None:
    """Display fails open: health is shown, with the trouble the keeper noted."""
    desk.log_files.write({CHECKPOINT: b"rubbish"})
    write_trouble(desk.log_files, "the stored log is damaged")
    health = log_health(desk, AUDITOR)
    assert (health.size, health.trouble) == (0, "the stored log is damaged")


def test_the_index_only_follows_the_log(desk: Desk, writer: LogWriter) -> None:
    """Nobody can put an entry into the index beside the writer."""
    with desk.store.read() as unit:
        row = unit.accesses.from_index(0)[0]
    with pytest.raises(Conflict), desk.store.write() as unit:
        unit.accesses.add([replace(row, index=5)])
