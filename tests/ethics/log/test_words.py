"""What the log says, word by word: refusals of its parsers, and verdicts on copies in every state."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ethics.golden import check_words, told
from ethics.log_samples import (
    AT,
    LOG_KEY,
    ORIGIN,
    SIGNATURES,
    StoredLog,
    a_record,
    an_entry,
    judge,
    numbered,
    reference_root,
    salts_of,
)
from impetus.adapters.signatures import verify as check
from impetus.core.access import Category, Purpose, Regime
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.ethics.log.checkpoint import (
    COSIGNATURE,
    MAX_NOTE_BYTES,
    Checkpoint,
    VerifierKey,
    cosign,
    parse_checkpoint,
    parse_key,
    parse_note,
    parse_signature,
)
from impetus.ethics.log.entry import MAX_KEPT_CHARS, open_commitment, read_entry, time_of, write_entry
from impetus.ethics.log.merkle import consistency_proof, inclusion_proof, leaf_hash
from impetus.ethics.log.rebuild import CHECKPOINT, EVERY, KEY, Copy
from impetus.ethics.log.tiles import (
    ENTRIES,
    MAX_ENTRY_BYTES,
    StoredTree,
    Tile,
    decode_bundle,
    encode_bundle,
    parse_path,
    split_tile,
    tiles_of,
)
from impetus.ethics.log.tree import EntryTree, HashTree
from impetus.ethics.log.verdict import MAX_FAULTS, Verdict, entries_in_words
from impetus.ethics.log.verify import Trusted, verify

WITNESS = VerifierKey(name="witness.example/w1", public_key=SIGNATURES.public_key("w1"), kind=COSIGNATURE)
ROOT = "A" * 43 + "="


def stored(count: int) -> StoredLog:
    """Return a log of so many entries."""
    log = StoredLog()
    log.grow([an_entry(number) for number in range(count)])
    return log


def spoken(verdict: Verdict) -> str:
    """Return everything a verdict says."""
    lines = [verdict.sentence()]
    lines += [f"  fault at {fault.where}: {fault.what}" for fault in verdict.faults[1:]]
    lines += [f"  remark: {remark}" for remark in verdict.remarks]
    read = f"{verdict.entries} of {verdict.size} entries from {verdict.minimum} of {verdict.origin or 'nobody'}"
    key = "trusted" if verdict.is_key_trusted else "not trusted"
    return "\n".join([*lines, f"  {read}, signed by {verdict.signed_by or 'nobody'}, key {key}"])


def test_what_the_parsers_of_the_log_refuse() -> None:
    """Notes, heads, keys, tiles, bundles, paths, entries, proofs: each refusal whole."""
    log = stored(300)
    short = {**log.files, "tile/0/001.p/44": log.files["tile/0/001.p/44"][:-32]}
    few = {**log.files, "tile/entries/001.p/44": encode_bundle([b"one"])}
    key = LOG_KEY.text()
    cases: dict[str, Callable[[], object]] = {
        "a note of too many bytes": lambda: parse_note(b"x" * (MAX_NOTE_BYTES + 1)),
        "a note that is not UTF-8": lambda: parse_note(b"\xff\n\n"),
        "a note with a bell": lambda: parse_note(b"a\x07\n\n"),
        "a note without an empty line": lambda: parse_note(b"a\n"),
        "a note without text": lambda: parse_note("\n\n— name AAAAAAAA\n".encode()),
        "a note that is cut": lambda: parse_note("a\n\n— name AAAAAAAA".encode()),
        "a note of 65 signatures": lambda: parse_note(b"a\n\n" + "— name AAAAAAAA\n".encode() * 65),
        "a note of 64 signatures": lambda: len(parse_note(b"a\n\n" + "— name AAAAAAAA\n".encode() * 64).signatures),
        "a signature without a dash": lambda: parse_signature("name AAAAAAAA which goes on and on for a long time"),
        "a signature without a name": lambda: parse_signature("—  AAAAAAAA"),
        "a signature of the key's id alone": lambda: parse_signature("— name AAAAAA=="),
        "a signature of one byte": lambda: parse_signature("— name AAAAAAA="),
        "a head of two lines": lambda: parse_checkpoint("o\n7\n"),
        "a head without its last newline": lambda: parse_checkpoint(f"o\n7\n{ROOT}"),
        "a head with a size in words": lambda: parse_checkpoint(f"o\nseven\n{ROOT}\n"),
        "a head with half a root": lambda: parse_checkpoint("o\n7\nAAAA\n"),
        "a head with a line nobody knows": lambda: parse_checkpoint(f"o\n7\n{ROOT}\n{'what else ' * 9}\n"),
        "a head with the least minimum": lambda: parse_checkpoint(f"o\n7\n{ROOT}\nimpetus:minimum-index 1\n").minimum,
        "a head with the largest minimum": lambda: parse_checkpoint(f"o\n7\n{ROOT}\nimpetus:minimum-index 7\n").minimum,
        "a head with a minimum beyond its size": lambda: parse_checkpoint(f"o\n7\n{ROOT}\nimpetus:minimum-index 8\n"),
        "a head with two minimums": lambda: parse_checkpoint(
            f"o\n7\n{ROOT}\nimpetus:minimum-index 1\nimpetus:minimum-index 2\n"
        ),
        "a head as it is read": lambda: parse_checkpoint(f"o\n7\n{ROOT}\n").text(),
        "a key that is none": lambda: parse_key("x" * 300),
        "a key with another id": lambda: parse_key(key.replace(LOG_KEY.key_id.hex(), "00000000")),
        "a key as it is read": lambda: parse_key(key) == LOG_KEY,
        "a path that is none": lambda: parse_path("x" * 300),
        "a partial tile of full width": lambda: parse_path("tile/0/000.p/256"),
        "a bundle that ends inside a length": lambda: decode_bundle(b"\x00"),
        "a bundle that ends inside an entry": lambda: decode_bundle(b"\x00\x01a\x00\x05abcd"),
        "a bundle of an empty entry": lambda: decode_bundle(b"\x00\x00"),
        "a tile of nothing": lambda: split_tile(b""),
        "a tile of half a hash": lambda: split_tile(bytes(48)),
        "a tile of 256 hashes": lambda: len(split_tile(bytes(256 * 32))),
        "a tile of 257 hashes": lambda: split_tile(bytes(257 * 32)),
        "an entry that is no JSON": lambda: read_entry(b"{" * 100),
        "an entry that is a list": lambda: read_entry(b"[1]"),
        "an entry without a time": lambda: time_of(b"{}"),
        "an entry with a time in no zone": lambda: time_of(b'{"at":"2026-05-03T12:00:05"}'),
        "an entry with a time elsewhere": lambda: time_of(b'{"at":"2026-05-03T12:00:05+02:00"}'),
        "salts of 47 bytes": lambda: write_entry(a_record(), bytes(47)),
        "an entry before the first": lambda: inclusion_proof(-1, 7, StoredTree(log.files.get, 300).node),
        "an entry after the last": lambda: inclusion_proof(7, 7, StoredTree(log.files.get, 300).node),
        "a later tree before an earlier": lambda: consistency_proof(8, 7, StoredTree(log.files.get, 300).node),
        "a tree of less than nothing": lambda: consistency_proof(-1, 7, StoredTree(log.files.get, 300).node),
        "a node beyond the tree": lambda: StoredTree(log.files.get, 300).node(8, 1),
        "a leaf of a tile that was removed": lambda: StoredTree({}.get, 300).leaf(3),
        "a leaf of a tile that was cut": lambda: StoredTree(short.get, 300).leaf(299),
        "a tree whose edge is missing": lambda: HashTree().resume({}.get, 300),
        "a tree whose edge was cut": lambda: HashTree().resume(short.get, 300),
        "entries whose last bundle is missing": lambda: EntryTree().resume(
            {path: body for path, body in log.files.items() if "entries" not in path}.get, 300
        ),
        "entries whose last bundle was cut": lambda: EntryTree().resume(few.get, 300),
        "an entry that is too long": lambda: EntryTree().append([b"", b"x" * (MAX_ENTRY_BYTES + 1)]),
        "the longest entry": lambda: EntryTree().append([b"x" * MAX_ENTRY_BYTES]),
        "a tile that is skipped in the middle": lambda: grown(3).skip(bytes(32)),
    }
    check_words("log_refused", {title: told(act) for title, act in cases.items()})


def grown(size: int) -> HashTree:
    """Return a tree of so many leaves."""
    tree = HashTree()
    for entry in numbered(size):
        tree.add(leaf_hash(entry))
    return tree


def test_what_is_said_of_a_copy() -> None:
    """Sound and not, whole, cut, forged, put back, pruned, without a key: the verdict in words, every fault, every remark."""
    whole = stored(700)
    files = whole.files
    old, other, thief = stored(600), StoredLog("impetus/other"), StoredLog(signer="thief")
    other.grow([an_entry(number) for number in range(700)])
    thief.grow([an_entry(number) for number in range(700)])
    fork = StoredLog()
    fork.grow([an_entry(number) for number in (*range(699), 9)])
    entries = decode_bundle(files["tile/entries/001"])
    entries[44] = entries[44].replace(b"operator", b"nobody42")
    edited = {**files, "tile/entries/001": encode_bundle(entries)}
    cosigned = parse_note(files[CHECKPOINT])
    line = cosign(cosigned, WITNESS, lambda message: SIGNATURES.sign("w1", message), at=AT)
    good = {**files, CHECKPOINT: replace(cosigned, signatures=(*cosigned.signatures, line)).encode()}
    bad_line = replace(line, signature=line.signature[:-1] + b"\x00")
    bad = {**files, CHECKPOINT: replace(cosigned, signatures=(*cosigned.signatures, bad_line)).encode()}
    trusted = Trusted(key=LOG_KEY, checkpoint=files[CHECKPOINT])
    watched = Trusted(key=LOG_KEY, witnesses=(WITNESS,))
    noise = StoredLog()
    noise.grow([b"no json", *(an_entry(number) for number in range(3)), b"[]"])
    small = stored(3)
    pruned = StoredLog()
    pruned.grow([an_entry(number) for number in range(700)], minimum=512)
    kept = {
        path: body
        for path, body in pruned.files.items()
        if path.startswith("tile/1/") or path[-3:] not in {"000", "001"}
    }
    cases = {
        "whole, with what was trusted": judge(files, trusted),
        "whole, with a key alone": judge(files),
        "whole, with no key": judge(files, Trusted()),
        "of one entry": judge(stored(1).files),
        "of none": judge(stored(0).files),
        "with a witness": judge(good, watched),
        "with a witness nobody asked about": judge(good),
        "with a witness whose line is not good": judge(bad, watched),
        "without its key, and none trusted": judge(
            {path: body for path, body in files.items() if path != KEY}, Trusted()
        ),
        "with a key that is none": judge({**files, KEY: b"x"}),
        "with a key that is none, and none trusted": judge({**files, KEY: b"x"}, Trusted()),
        "signed by a thief": judge(thief.files),
        "of another name under another key": judge(other.files),
        "of another name, nothing trusted but a head": judge(other.files, Trusted(checkpoint=files[CHECKPOINT])),
        "speaking of another log": judge(
            {**files, CHECKPOINT: whole.signed(Checkpoint(origin="x", size=700, root=whole.tree.root())).encode()}
        ),
        "without its checkpoint": judge({path: body for path, body in files.items() if path != CHECKPOINT}),
        "without its checkpoint, one trusted": judge(
            {path: body for path, body in files.items() if path != CHECKPOINT}, trusted
        ),
        "with a checkpoint that is none": judge({**files, CHECKPOINT: b"x"}),
        "with a trusted checkpoint that is none": judge(files, Trusted(key=LOG_KEY, checkpoint=b"x")),
        "put back from an earlier day": judge(old.files, trusted),
        "forked": judge(fork.files, trusted),
        "with an edited entry": judge(edited),
        "with two edited entries": judge(
            {
                **edited,
                "tile/entries/002.p/188": edited["tile/entries/002.p/188"]
                .replace(b"anna", b"xxxx")
                .replace(b"operator", b"nobody42", 1),
            }
        ),
        "without a bundle": judge({path: body for path, body in files.items() if path != "tile/entries/000"}),
        "without a bundle and its hashes": judge(
            {path: body for path, body in files.items() if path not in {"tile/entries/000", "tile/0/000"}}
        ),
        "without a tile": judge({path: body for path, body in files.items() if path != "tile/0/001"}),
        "with a tile that was cut": judge({**files, "tile/0/001": files["tile/0/001"][:-32]}),
        "with a bundle that was cut": judge({**files, "tile/entries/001": files["tile/entries/001"][:-1]}),
        "with a bundle of one entry less": judge(
            {**files, "tile/entries/001": encode_bundle(decode_bundle(files["tile/entries/001"])[:-1])}
        ),
        "with a tile above that was changed": judge({**files, "tile/1/000.p/2": bytes(64)}),
        "with a file that does not belong": judge({**files, "notes.txt": b"x"}),
        "with files beyond its head": judge({**files, "tile/0/009": bytes(32), "tile/entries/003": b""}),
        "with an older tile that fits": judge({**files, "tile/0/000.p/2": files["tile/0/000"][:64]}),
        "with an older tile that does not": judge({**files, "tile/0/000.p/2": bytes(64)}),
        "with an older bundle that does not": judge({**files, "tile/entries/000.p/2": encode_bundle([b"", b""])}),
        "with entries that are not objects": judge(noise.files),
        "pruned": judge(kept),
        "pruned, with files of what was removed": judge(pruned.files),
        "pruned, without what is above": judge({path: body for path, body in kept.items() if "tile/1" not in path}),
        "pruned, compared with a head in what was removed": judge(
            kept,
            Trusted(key=LOG_KEY, checkpoint=whole.signed(Checkpoint(origin=ORIGIN, size=300, root=bytes(32))).encode()),
        ),
        "pruned, compared with a head between its tiles": judge(
            kept,
            Trusted(
                key=LOG_KEY,
                checkpoint=whole.signed(
                    Checkpoint(
                        origin=ORIGIN, size=256, root=reference_root([an_entry(number) for number in range(256)])
                    )
                ).encode(),
            ),
        ),
        "of three entries, all of them changed": judge(
            {**small.files, "tile/entries/000.p/3": encode_bundle([b"{}"] * 3)}
        ),
    }
    check_words("log_verdicts", {title: spoken(verdict) for title, verdict in cases.items()})


def test_more_faults_than_are_listed_are_counted() -> None:
    """A hundred are listed, the rest is a number."""
    verdict = Verdict()
    for number in range(MAX_FAULTS + 2):
        verdict.blame(f"entry {number}", "it is gone")
    assert (len(verdict.faults), verdict.more_faults) == (MAX_FAULTS, 2)
    assert verdict.sentence() == "NOT sound. 102 things are wrong, first: entry 0: it is gone."
    one = Verdict()
    one.blame("key", "it is gone")
    assert one.sentence() == "NOT sound. One thing is wrong, first: key: it is gone."
    assert [entries_in_words(count) for count in (0, 1, 2, 1200)] == [
        "0 entries",
        "1 entry",
        "2 entries",
        "1,200 entries",
    ]


def test_an_entry_is_written_out() -> None:
    """Every key in its place, times to the microsecond in UTC, empty ones left out; then one of nothing but a time."""
    record = a_record(5, facts={"b": 1, "a": "å"}, regime=Regime.LED, count=3, purpose=Purpose.OVERSIGHT)
    text = write_entry(record, salts_of(5)).decode()
    head, _, rest = text.partition('"commit":{')
    commits, _, tail = rest.partition("}")
    assert head == '{"act":"alert.read","at":"2026-05-03T12:00:05.000000Z","case":"12","category":"image_masked",'
    assert [each.partition(":")[0] for each in commits.split(",")] == ['"recipient"', '"who"', '"why"']
    assert tail == (
        ',"controller":"City","count":3,"facts":{"a":"å","b":1},"outcome":"permitted","processing":"consultation",'
        '"purpose":"oversight","regime":"led","role":"operator","rule":"operators see alerts","subject":"camera:5","v":1}'
    )
    bare = LogRecord(
        at=datetime(2026, 5, 3, 12, tzinfo=UTC), who="", role="", act="", outcome=Outcome.DONE, rule="", subject=""
    )
    assert write_entry(bare, bytes(48)).decode() == (
        '{"at":"2026-05-03T12:00:00.000000Z","category":"none","commit":{},"count":1,"outcome":"done",'
        '"processing":"control","purpose":"operation","regime":"gdpr","v":1}'
    )


def test_each_commitment_has_a_salt_of_its_own() -> None:
    """Sixteen bytes each: who, why, recipient, in this order."""
    salts = bytes(range(48))
    entry = write_entry(a_record(who="a", why="a", recipient="a"), salts)
    for place, name in enumerate(("who", "why", "recipient")):
        other = salts[: place * 16] + bytes(16) + salts[place * 16 + 16 :]
        assert open_commitment(entry, name, "a", salts)
        assert not open_commitment(entry, name, "a", other)
        assert [each for each in ("who", "why", "recipient") if open_commitment(entry, each, "a", other)] == [
            each for each in ("who", "why", "recipient") if each != name
        ]


@pytest.mark.parametrize("name", ["act", "case", "controller", "role", "rule", "subject"])
def test_a_long_word_is_kept_as_its_hash_only_when_the_entry_is_too_long(name: str) -> None:
    """A word of 1,024 characters stays, one of 1,025 becomes its hash, each public word alike."""
    huge = {"facts": {"x": "y" * MAX_ENTRY_BYTES}}
    kept = read_entry(write_entry(a_record(**{name: "w" * MAX_KEPT_CHARS}, **huge), salts_of(1)))
    cut = read_entry(write_entry(a_record(**{name: "w" * (MAX_KEPT_CHARS + 1)}, **huge), salts_of(1)))
    whole = read_entry(write_entry(a_record(**{name: "w" * (MAX_KEPT_CHARS + 1)}), salts_of(1)))
    assert kept[name] == "w" * MAX_KEPT_CHARS
    assert cut[name].startswith("sha256:")
    assert len(cut[name]) == 7 + 64
    assert whole[name] == "w" * (MAX_KEPT_CHARS + 1)
    assert cut["category"] == Category.IMAGE_MASKED.value
    assert cut["processing"] == Processing.CONSULTATION.value


def test_an_entry_just_as_long_as_a_bundle_takes_is_kept_whole() -> None:
    """At 65,535 bytes nothing is cut; at one more the facts are."""
    spare = MAX_ENTRY_BYTES - len(write_entry(a_record(facts={"x": ""}), salts_of(1)))
    exact = write_entry(a_record(facts={"x": "y" * spare}), salts_of(1))
    assert len(exact) == MAX_ENTRY_BYTES
    assert read_entry(exact)["facts"] == {"x": "y" * spare}
    over = read_entry(write_entry(a_record(facts={"x": "y" * (spare + 1)}), salts_of(1)))
    assert list(over["facts"]) == ["omitted_sha256"]
    assert over["role"] == "operator"


def test_progress_is_told_every_so_many_bundles() -> None:
    """After 400 bundles, with the entries done by then, and not before."""
    tree = EntryTree()
    files: dict[str, bytes] = {}
    for _ in range(EVERY + 1):
        tree.append([b"{}"] * 256)
        files |= {tile.path: content for tile, content in tree.take_full()}
    files |= {tile.path: content for tile, content in tree.edge()}
    head = Checkpoint(origin=ORIGIN, size=tree.size, root=tree.root())
    files[CHECKPOINT] = StoredLog().signed(head).encode()
    heard: list[int] = []
    copy = Copy(read=files.get, names=sorted(files))
    verdict = verify(copy, Trusted(key=LOG_KEY), check, progress=heard.append)
    assert verdict.is_sound
    assert heard == [EVERY * 256]
    assert [tile.path for tile in tiles_of(tree.size, since=tree.size)] == ["tile/1/001.p/145", "tile/2/000.p/1"]
    assert Tile(level=ENTRIES, number=0).path == "tile/entries/000"
