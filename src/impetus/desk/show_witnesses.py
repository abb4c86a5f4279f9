"""Show each new checkpoint to the witnesses, and notice when one of them has seen another log than ours.

A witness that is out of reach is asked again, ever more slowly. One that holds a longer tree, or another one of the same
size, or does not accept the proof that ours goes on from its own, has seen a fork: a severe finding, once, and a mark on
the log's health until it takes a checkpoint again.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.errors import Malformed, NotNow, TheirFault
from impetus.core.finding import Finding
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.desk.log_notes import WitnessSeen, read_witnesses, write_witnesses
from impetus.desk.permit import permit
from impetus.desk.platform_finding import SelfReport, publish_findings, trouble_began
from impetus.ethics.log.checkpoint import Checkpoint, Note, parse_checkpoint, parse_note, parse_signature
from impetus.ethics.log.merkle import consistency_proof
from impetus.ethics.log.rebuild import CHECKPOINT
from impetus.ethics.log.tiles import StoredTree
from impetus.ports.ethics import Witness, Witnessed

LOG_KEEP = "log.keep"
MAX_SIGNATURES = 16
"""Signature lines taken from one answer. Source: C2SP signed-note, the number every reader must take."""
FIRST_RETRY_S, LAST_RETRY_S = 10.0, 600.0
"""A witness out of reach is asked after ten seconds, then twice as long each time, ten minutes at most. House rule."""
SUBJECT = "platform:log"

log = logging.getLogger(__name__)


class Witnesses:
    """The witnesses of this installation and how each stands."""

    def __init__(self, desk: Desk, actor: Actor, witnesses: Sequence[Witness]) -> None:
        permit(desk, actor, LOG_KEEP, on="log:witnesses")
        self._desk, self._witnesses = desk, witnesses
        known = {seen.name: seen for seen in read_witnesses(desk.log_files)}
        self._seen = {one.name: known.get(one.name, WitnessSeen(name=one.name, at=None, size=0)) for one in witnesses}
        self._shown: dict[str, bytes] = {}
        self._due: dict[str, datetime] = {}
        if set(known) != set(self._seen):
            write_witnesses(desk.log_files, self._seen)

    @property
    def seen(self) -> tuple[WitnessSeen, ...]:
        """Return how each witness stands."""
        return tuple(self._seen.values())

    def show(self) -> list[tuple[str, tuple[str, ...]]]:
        """Show the newest checkpoint to whoever has not seen it and is due; return cosignatures as `(text, lines)`."""
        content = self._desk.log_files.read(CHECKPOINT)
        if content is None:
            return []
        note = parse_note(content)
        head, at, cosigned = parse_checkpoint(note.text), self._desk.clock.now(), []
        for witness in self._witnesses:
            name = witness.name
            if self._shown.get(name) == note.text.encode() or at < self._due.get(name, at):
                continue
            seen = self._seen[name]
            fresh, lines = self._show_one(witness, seen, note, head)
            self._seen[name] = fresh
            if fresh.trouble:
                wait_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** min(seen.failures, 6))
                self._due[name] = at + timedelta(seconds=wait_s)
            else:
                self._shown[name] = note.text.encode()
            if fresh.is_fork and not seen.is_fork:
                publish_findings(self._desk, [_fork(name, head, fresh.trouble, at)])
            if lines:
                cosigned.append((note.text, lines))
            write_witnesses(self._desk.log_files, self._seen)
        return cosigned

    def _show_one(
        self, witness: Witness, seen: WitnessSeen, note: Note, head: Checkpoint
    ) -> tuple[WitnessSeen, tuple[str, ...]]:
        """Show one witness the checkpoint; return how it stands then, and its signature lines."""
        try:
            tree = StoredTree(self._desk.log_files.read, head.size)
            fork = _held_fork(witness.last(), head, tree)
            answer = Witnessed() if fork else _offer(witness, note, head, tree, seen.size)
        except (NotNow, TheirFault) as error:
            return replace(seen, failures=seen.failures + 1, trouble=error.detail), ()
        fork = fork or _refused_fork(answer, head)
        if fork:
            log.error("witness %s: %s", witness.name, fork)
            return replace(seen, failures=seen.failures + 1, trouble=fork, is_fork=True), ()
        taken = WitnessSeen(name=witness.name, at=self._desk.clock.now(), size=head.size)
        return taken, _lines(answer)


def _offer(witness: Witness, note: Note, head: Checkpoint, tree: StoredTree, old: int) -> Witnessed:
    """Give it the checkpoint; when it remembers another size than we do, once more with the proof from there."""
    content = Note(text=note.text, signatures=note.signatures[:1]).encode()
    start = min(old, head.size)
    answer = witness.show(content, start, consistency_proof(start, head.size, tree.node))
    if answer.refusal and answer.holds is not None and answer.holds != start and answer.holds <= head.size:
        answer = witness.show(content, answer.holds, consistency_proof(answer.holds, head.size, tree.node))
    return answer


def _held_fork(content: bytes | None, head: Checkpoint, tree: StoredTree) -> str:
    """Say why what a witness holds is not the beginning of our log; empty when it is, or when it holds nothing."""
    if content is None:
        return ""
    try:
        held = parse_checkpoint(parse_note(content).text)
    except Malformed as error:
        return f"what it holds cannot be read: {error.detail}"
    if held.origin != head.origin:
        return f"it holds a checkpoint of {held.origin}"
    if held.size > head.size:
        return f"it has seen {held.size} entries, the log has {head.size}"
    if tree.root(held.size) != held.root:
        return f"it has seen another root at {held.size} entries"
    return ""


def _refused_fork(answer: Witnessed, head: Checkpoint) -> str:
    """Say why a refusal is a fork, empty when it took the checkpoint."""
    if not answer.refusal:
        return ""
    if answer.holds is not None and answer.holds > head.size:
        return f"it has seen {answer.holds} entries, the log has {head.size}"
    return answer.refusal


def _lines(answer: Witnessed) -> tuple[str, ...]:
    """Return the signature lines of an answer; lines that are none are left out."""
    lines = []
    for line in filter(None, answer.signatures.decode("utf-8", "replace").split("\n")[:MAX_SIGNATURES]):
        try:
            parse_signature(line)
            lines.append(line)
        except Malformed:
            log.warning("a witness answered a line that is no signature")
    return tuple(lines)


def _fork(name: str, head: Checkpoint, why: str, at: datetime) -> Finding:
    """Return the finding that a witness has seen another log."""
    report = SelfReport(
        key=f"platform:log:fork:{name}:{head.size}",
        subject=SUBJECT,
        headline=Phrase(template="A witness has seen another log than ours"),
        why=Phrase(
            template="{witness}: {why}. Somebody put the log back or rewrote it. Keep a copy, do not delete anything, and verify it against the witness's checkpoint.",
            values={"witness": name, "why": why},
        ),
    )
    return trouble_began(report, at)
