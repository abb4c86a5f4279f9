"""Thousands of random tamperings with a copy of the log: every single one is found.

Each tampering changes at least one byte of what the checkpoint stands for, or takes away a file it needs. The checkpoint
that a witness kept, and the log's key, did not come with the copy.
"""

import random
from collections.abc import Callable, Iterator, Mapping

import pytest

from ethics.log_samples import LOG_KEY, StoredLog, an_entry, judge
from impetus.ethics.log.checkpoint import parse_checkpoint, parse_note
from impetus.ethics.log.merkle import leaf_hash
from impetus.ethics.log.rebuild import CHECKPOINT, KEY
from impetus.ethics.log.tiles import ENTRIES, bundles_of, decode_bundle, encode_bundle, parse_path, tiles_of
from impetus.ethics.log.verify import Trusted

Files = dict[str, bytes]
Tampering = Callable[[Files, random.Random], None]
SEED = 20260503
GROWN = (40, 130, 256, 300, 515)
"""Sizes at which the log was signed: a checkpoint inside a tile, at its border, and after it."""
ROUNDS, MANY = 300, 10_000


def past() -> list[tuple[StoredLog, Files]]:
    """Return the log as it was at each checkpoint, the last one as it is."""
    log, days = StoredLog(), []
    for start, end in zip((0, *GROWN), GROWN, strict=False):
        log.grow([an_entry(number) for number in range(start, end)])
        days.append((log, dict(log.files)))
    return days


DAYS = past()
WHOLE = DAYS[-1][1]
WITNESSED = Trusted(key=LOG_KEY, checkpoint=WHOLE[CHECKPOINT])
NEEDED = sorted({tile.path for tile in (*tiles_of(GROWN[-1]), *bundles_of(GROWN[-1]))} | {CHECKPOINT})


def edit_a_byte(files: Files, chance: random.Random) -> None:
    """Flip one bit anywhere in any file, leftovers and key included."""
    path = chance.choice(sorted(files))
    place = chance.randrange(len(files[path]))
    files[path] = _with_byte(files[path], place, files[path][place] ^ 1 << chance.randrange(8))


def edit_an_entry(files: Files, chance: random.Random) -> None:
    """Rewrite an entry, and often the tile of its hashes too, so that both fit each other."""
    path = chance.choice([path for path in NEEDED if "entries" in path])
    entries = decode_bundle(files[path])
    place = chance.randrange(len(entries))
    entries[place] = an_entry(chance.randrange(1000, 2000))
    _store(files, path, entries, fits=chance.random() < 0.7)


def swap_entries(files: Files, chance: random.Random) -> None:
    """Exchange two entries of a bundle, and often make its tile fit."""
    path = chance.choice([path for path in NEEDED if "entries" in path and len(decode_bundle(files[path])) > 1])
    entries = decode_bundle(files[path])
    one, other = chance.sample(range(len(entries)), 2)
    entries[one], entries[other] = entries[other], entries[one]
    _store(files, path, entries, fits=chance.random() < 0.7)


def drop_an_entry(files: Files, chance: random.Random) -> None:
    """Leave one entry out, or put one in."""
    path = chance.choice([path for path in NEEDED if "entries" in path])
    entries = decode_bundle(files[path])
    place = chance.randrange(len(entries))
    entries[place : place + chance.randrange(2)] = [an_entry(5000)] if chance.random() < 0.5 else []
    if entries == decode_bundle(files[path]):
        entries.append(an_entry(5001))
    _store(files, path, entries, fits=chance.random() < 0.5)


def truncate_a_file(files: Files, chance: random.Random) -> None:
    """Cut a file the checkpoint needs, or its leftovers, at any byte."""
    path = chance.choice(sorted(set(files) - {KEY}))
    files[path] = files[path][: chance.randrange(len(files[path]))]


def delete_a_file(files: Files, chance: random.Random) -> None:
    """Take away a file the checkpoint needs."""
    del files[chance.choice(NEEDED)]


def swap_files(files: Files, chance: random.Random) -> None:
    """Exchange two files of different content."""
    while True:
        one, other = chance.sample(sorted(set(files) - {KEY}), 2)
        if files[one] != files[other]:
            files[one], files[other] = files[other], files[one]
            return


def fork(files: Files, chance: random.Random) -> None:
    """Rewrite the log from some entry on, every tile made to fit, signed with the stolen key or under the old signature."""
    start = chance.randrange(GROWN[-1])
    size = chance.choice((GROWN[-1], GROWN[-1] + chance.randrange(1, 40)))
    forged = StoredLog(signer=chance.choice(("log", "thief")))
    forged.grow([an_entry(number if number < start else number + 3000) for number in range(size)])
    kept = files[CHECKPOINT]
    files.clear()
    files |= forged.files
    if chance.random() < 0.3:
        files[CHECKPOINT] = kept


def put_an_earlier_day_back(files: Files, chance: random.Random) -> None:
    """Put the whole log back as it was, or only its checkpoint."""
    _, earlier = chance.choice(DAYS[:-1])
    if chance.random() < 0.5:
        files.clear()
        files |= earlier
    else:
        files[CHECKPOINT] = earlier[CHECKPOINT]


def change_a_partial_tile(files: Files, chance: random.Random) -> None:
    """Overwrite some hashes or entries of a partial tile, of today or of an earlier day."""
    path = chance.choice([path for path in sorted(files) if ".p/" in path])
    place = chance.randrange(len(files[path]))
    count = chance.randrange(1, 40)
    noise = chance.randbytes(count)[: len(files[path]) - place]
    changed = files[path][:place] + noise + files[path][place + len(noise) :]
    files[path] = changed if changed != files[path] else _with_byte(changed, place, changed[place] ^ 1)


def sign_another_head(files: Files, chance: random.Random) -> None:
    """Change what the checkpoint says: size, root, minimum index or name, under the old signature."""
    note = parse_note(files[CHECKPOINT])
    head = parse_checkpoint(note.text)
    lines = note.text.split("\n")
    lines[chance.randrange(3)] = chance.choice(
        ("impetus/other", str(head.size - 1), str(head.size + 1), lines[2][::-1], lines[2][:-2] + "A=")
    )
    if chance.random() < 0.3:
        lines.insert(3, f"impetus:minimum-index {chance.randrange(1, head.size)}")
    text = "\n".join(lines)
    files[CHECKPOINT] = files[CHECKPOINT].replace(note.text.encode(), text.encode() if text != note.text else b"x\n")


TAMPERINGS: Mapping[str, Tampering] = {
    tampering.__name__: tampering
    for tampering in (
        edit_a_byte,
        edit_an_entry,
        swap_entries,
        drop_an_entry,
        truncate_a_file,
        delete_a_file,
        swap_files,
        fork,
        put_an_earlier_day_back,
        change_a_partial_tile,
        sign_another_head,
    )
}


def _with_byte(content: bytes, place: int, value: int) -> bytes:
    return content[:place] + bytes([value]) + content[place + 1 :]


def _store(files: Files, path: str, entries: list[bytes], *, fits: bool) -> None:
    """Store changed entries, with the hashes of their tile when it should fit."""
    files[path] = encode_bundle(entries)
    tile = parse_path(path)
    assert tile.level == ENTRIES
    if fits:
        files[path.replace("entries", "0")] = b"".join(map(leaf_hash, entries))


def unfound(rounds: int) -> Iterator[str]:
    """Yield what was done and not found, of so many random tamperings."""
    chance = random.Random(SEED)  # noqa: S311 - the same luck each time
    for number in range(rounds):
        name = chance.choice(list(TAMPERINGS))
        files = dict(WHOLE)
        TAMPERINGS[name](files, chance)
        if files != WHOLE and judge(files, WITNESSED).is_sound:
            yield f"{number} {name}"


def test_the_copy_itself_is_sound() -> None:
    """Else everything would be found for the wrong reason."""
    assert judge(WHOLE, WITNESSED).is_sound
    assert len(WHOLE) > len(NEEDED)


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_way_of_tampering_is_found(name: str) -> None:
    """Once for each way, with different luck, and it always changes something."""
    for seed in range(12):
        files = dict(WHOLE)
        TAMPERINGS[name](files, random.Random(seed))  # noqa: S311 - the same luck each time
        assert files != WHOLE
        assert not judge(files, WITNESSED).is_sound, seed


def test_300_random_tamperings_are_all_found() -> None:
    """The small sibling of the ten thousand."""
    assert not list(unfound(ROUNDS))


@pytest.mark.slow
def test_10000_random_tamperings_are_all_found() -> None:
    """Edit, cut, swap, delete, fork, put back: not one copy is called sound."""
    assert not list(unfound(MANY))
