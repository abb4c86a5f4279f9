"""The METHANE report: its seven parts, what is missing, how two people's typing is joined, and its words.

Pages save while somebody types. What they send is "this part now says this, and I last saw version N of the report"; the
part's own version says whether somebody else wrote it since. Joined part by part: only one of two changed it, that one
stands; both wrote the same, it stands; else what stood first stays and the other's words are kept beside it, lost to
nobody. `merge` proves nothing is lost by returning where the typed words are.

**Source**: JESIP, "Joint Doctrine: The Interoperability Framework", edition 3 (2021), M/ETHANE.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from impetus.core.errors import Malformed
from impetus.core.situation import Major, MethaneField, MethaneText

MAX_FIELD = 240
"""Longest part in characters: seven of them and their names fit into one message (2,000). House rule."""
PAUSE = timedelta(seconds=30)
"""After a pause of this length typing on is a new wording, and the one before is kept as a line. House rule."""
LETTERS: Mapping[MethaneField, str] = dict(zip(MethaneField, "METHANE", strict=True))
TITLES: Mapping[MethaneField, str] = {
    MethaneField.MAJOR: "Major incident",
    MethaneField.EXACT: "Exact location",
    MethaneField.TYPE: "Type",
    MethaneField.HAZARDS: "Hazards",
    MethaneField.ACCESS: "Access",
    MethaneField.NUMBER: "Number of casualties",
    MethaneField.EMERGENCY: "Emergency services",
}
MAJOR_WORDS: Mapping[str, str] = {
    Major.DECLARED: "declared",
    Major.STANDBY: "standby",
    Major.NOT_DECLARED: "not declared",
}
UNKNOWN = "not yet known"


class Joined(StrEnum):
    """What became of typed words: they `STAND` in the part, were there `ALREADY`, or are kept `BESIDE` what stands."""

    STAND = "stand"
    ALREADY = "already"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a page sends of one part: its words, the version it had last seen, and which page it is."""

    text: str
    base: int
    seat: str = ""


def checked_text(name: str, text: str) -> tuple[MethaneField, str]:
    """Return the part and its words on one line; `Malformed` for a part there is none of, or too many words."""
    if name not in set(MethaneField):
        raise Malformed(
            f"METHANE has no part {name[:40]!r}",
            value=name[:40],
            limit=", ".join(MethaneField),
            remedy="name one of them",
        )
    line = " ".join(text.split())
    if len(line) > MAX_FIELD:
        raise Malformed(
            f"{TITLES[MethaneField(name)]} has {len(line)} characters",
            value=len(line),
            limit=MAX_FIELD,
            remedy="say it in fewer words; details go into the timeline",
        )
    if name == MethaneField.MAJOR and line and line not in set(Major):
        raise Malformed(
            f"a major incident is not {line!r}", value=line, limit=", ".join(Major), remedy="choose one of them"
        )
    return MethaneField(name), line


def merge(stands: MethaneText | None, typed: Typed) -> Joined:
    """Return what becomes of typed words beside what stands there.

    >>> merge(None, Typed(text="two wounded", base=0))
    <Joined.STAND: 'stand'>
    """
    text = "" if stands is None else stands.text
    if typed.text == text:
        return Joined.ALREADY
    if stands is None or stands.version <= typed.base or (stands.seat and stands.seat == typed.seat):
        return Joined.STAND
    if not typed.text:
        return Joined.ALREADY  # nothing was typed, so nothing can be lost; what somebody else wrote meanwhile stays
    return Joined.STAND if not text else Joined.BESIDE


def is_new_wording(stands: MethaneText, seat: str, at: datetime) -> bool:
    """Say whether what stands is to be kept as a line when it is written over: another page's words, or after a pause."""
    return bool(stands.text) and (stands.seat != seat or not seat or at - stands.at > PAUSE)


def missing(texts: Mapping[MethaneField, str]) -> tuple[MethaneField, ...]:
    """Return the parts of which nothing is said yet, in their order.

    >>> [str(name) for name in missing({MethaneField.MAJOR: "declared", MethaneField.TYPE: "fire"})]
    ['exact', 'hazards', 'access', 'number', 'emergency']
    """
    return tuple(name for name in MethaneField if not texts.get(name, "").strip())


def message(texts: Mapping[MethaneField, str], *, version: int) -> str:
    """Return the report as it is sent: one part a line, each with its letter, what is missing said as such.

    >>> message({MethaneField.MAJOR: "declared", MethaneField.EXACT: "north steps"}, version=3).splitlines()[:4]
    ['METHANE, version 3', 'M Major incident: declared', 'E Exact location: north steps', 'T Type: not yet known']
    """
    lines = [f"METHANE, version {version}"]
    for name in MethaneField:
        text = texts.get(name, "")
        said = MAJOR_WORDS.get(text, text) if name is MethaneField.MAJOR else text
        lines.append(f"{LETTERS[name]} {TITLES[name]}: {said or UNKNOWN}")
    return "\n".join(lines)
