"""Read the whole stored log, recompute it, and note the verdict; and take a copy of it for others."""

from collections.abc import Callable, Iterator
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.errors import NotNow
from impetus.core.log_record import Processing
from impetus.desk.context import Desk
from impetus.desk.log_notes import Verified, read_asked, write_asked, write_verified
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.ethics.log.checkpoint import Check, VerifierKey, parse_checkpoint, parse_note
from impetus.ethics.log.rebuild import CHECKPOINT, KEY, Copy
from impetus.ethics.log.tiles import Tile, bundles_of, read_tile, tiles_of
from impetus.ethics.log.verdict import Verdict
from impetus.ethics.log.verify import Trusted, verify

Keep = Callable[[str, bytes], None]
LOG_KEEP, LOG_READ = "log.keep", "log.read"
SIGNER = "log"


def verify_log(desk: Desk, actor: Actor, check: Check) -> Verdict:
    """Recompute the stored log under its newest checkpoint and note when, and what was wrong.

    The key is our own, not the one that lies with the files. Files beyond the checkpoint are left to the next time.
    """
    permit(desk, actor, LOG_KEEP, on="log:entries")
    files = desk.log_files
    content = files.read(CHECKPOINT)
    if content is None:
        return Verdict()
    head = parse_checkpoint(parse_note(content).text)
    key = VerifierKey(name=head.origin, public_key=desk.signatures.public_key(SIGNER))
    frozen = {CHECKPOINT: content}
    copy = Copy(read=lambda path: frozen.get(path) or files.read(path), names=())
    verdict = verify(copy, Trusted(key=key), check)
    trouble = "" if verdict.is_sound else verdict.sentence()
    write_verified(files, Verified(at=desk.clock.now(), size=verdict.size, trouble=trouble))
    return verdict


def ask_verify(desk: Desk, actor: Actor) -> datetime:
    """Ask the log's keeper to verify the whole log now, and return since when that is asked; asking twice asks once.

    The keeper does it, because a long log takes a minute and nobody should wait for an answer that long.
    """
    permit(desk, actor, LOG_READ, on="log:entries")
    asked = read_asked(desk.log_files)
    if asked is not None:
        return asked
    at = desk.clock.now()
    note_done(desk, actor, "log.verify", "log:entries", processing=Processing.CONTROL)
    write_asked(desk.log_files, at)
    return at


def export_log(desk: Desk, actor: Actor, keep: Keep) -> int:
    """Give every file that the newest checkpoint needs to `keep`, the checkpoint last; return how many entries it covers."""
    permit(desk, actor, LOG_READ, on="log:entries")
    files = desk.log_files
    content, key = files.read(CHECKPOINT), files.read(KEY)
    if content is None or key is None:
        raise NotNow("there is no checkpoint yet", retry_after_s=10.0, remedy="export again in ten seconds")
    head = parse_checkpoint(parse_note(content).text)
    for tile in _needed(head.size, head.minimum):
        found = read_tile(files.read, tile)
        if found is not None:
            keep(tile.path, found)
    keep(KEY, key)
    keep(CHECKPOINT, content)
    return head.size


def _needed(size: int, minimum: int) -> Iterator[Tile]:
    """Yield the tiles and bundles a copy of the log needs."""
    yield from bundles_of(size, since=minimum)
    for tile in tiles_of(size):
        if tile.level > 0 or tile.end > minimum:
            yield tile
