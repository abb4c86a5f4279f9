"""What verification of a log found, in data and in one sentence."""

from dataclasses import dataclass, field

from impetus.ethics.log.checkpoint import Cosigned

MAX_FAULTS = 100
"""Faults listed; whoever rewrote everything is told so by the first hundred. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: where, as a path or as `entry N`, and what."""

    where: str
    what: str


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What verification found; sound only when nothing at all is wrong.

    `entries` were read and recomputed, from index `minimum` on. `compared` is the size of the trusted checkpoint, None
    without one. `is_key_trusted`: the key was given, not taken from the copy. `remarks` are no faults.
    """

    origin: str = ""
    size: int = 0
    minimum: int = 0
    root: bytes = b""
    entries: int = 0
    compared: int | None = None
    signed_by: str = ""
    is_key_trusted: bool = False
    cosigned: tuple[Cosigned, ...] = ()
    faults: list[Fault] = field(default_factory=list)
    more_faults: int = 0
    remarks: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.faults

    def blame(self, where: str, what: str) -> None:
        """Note a fault."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(where=where, what=what))
        else:
            self.more_faults += 1

    def sentence(self) -> str:
        """Say the verdict in one sentence for people."""
        if not self.is_sound:
            first, count = self.faults[0], len(self.faults) + self.more_faults
            many = "One thing is" if count == 1 else f"{count:,} things are"
            return f"NOT sound. {many} wrong, first: {first.where}: {first.what}."
        parts = [
            f"Sound. {entries_in_words(self.size)} of {self.origin}: {self.entries:,} read and recomputed, every hash and the root fit"
        ]
        if self.minimum:
            parts.append(f"entries below {self.minimum:,} were removed by retention, which is signed")
        parts.append(f"signed by {self.signed_by}" if self.signed_by else "the signature was not checked")
        if self.compared is not None:
            parts.append(f"the trusted checkpoint of {entries_in_words(self.compared)} is the beginning of this log")
        parts += [f"{witness.name} saw it at {witness.at:%Y-%m-%d %H:%M:%S} UTC" for witness in self.cosigned]
        return "; ".join(parts) + "."


def entries_in_words(count: int) -> str:
    """Return a number of entries for people.

    >>> entries_in_words(1), entries_in_words(1200)
    ('1 entry', '1,200 entries')
    """
    return "1 entry" if count == 1 else f"{count:,} entries"
