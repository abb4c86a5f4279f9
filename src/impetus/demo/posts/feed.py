"""What is posted about the square, in seconds since the scenario began, as data; every word and every handle is invented.

Posts follow from the time alone, like the readings of the square. Handles and addresses end in `.example`, so that none of
them is anybody's. **Source**: RFC 2606, section 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from impetus.demo.script import LOOP_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post: its name within the feed, the author's handle, the language (BCP 47), what it says, and when."""

    key: str
    author: str = field(repr=False)
    language: str
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the feed's script; `at_s` is 0..1800."""

    at_s: float
    author: str
    language: str
    text: str


LINES: tuple[Line, ...] = (
    Line(at_s=8, author="@sangogfane.example", language="nb", text="Godt oppmøte på plassen nå, kom ned og syng med!"),
    Line(at_s=19, author="@pensjonist.example", language="nb", text="Når går trikken igjen fra rådhuset?"),
    Line(
        at_s=35,
        author="@nordlys8817.example",
        language="en",
        text="Tonight we break the barrier in the south-east and storm the city hall. "
        "Ask @torgvakt.example for bottles, or write to stoff@torgvakt.example.",
    ),
    Line(
        at_s=52, author="@fotoklubben.example", language="en", text="What a light over the city hall. Best evening yet."
    ),
    Line(at_s=71, author="@trattoria.example", language="it", text="In piazza c'è tanta gente, noi siamo aperti."),
    Line(
        at_s=150,
        author="@nordlys8817.example",
        language="en",
        text="They closed the exit. Attack the barrier from both sides at nine.",
    ),
    Line(
        at_s=240, author="@mammatilto.example", language="nb", text="Vi går hjem nå, det ble for trangt ved utgangen."
    ),
)


def posts(began: datetime, since: datetime, until: datetime, *, speed: float = 1.0) -> Iterator[Post]:
    """Yield the posts with `since < time <= until` of a scenario that began at `began` and comes round every half hour.

    `speed` is how many times as fast as written it plays.
    """
    first = max(0, int((since - began).total_seconds() * speed // LOOP_S))
    last = int((until - began).total_seconds() * speed // LOOP_S)
    for lap in range(first, last + 1):
        for number, line in enumerate(LINES):
            at = began + timedelta(seconds=(lap * LOOP_S + line.at_s) / speed)
            if since < at <= until:
                key = f"{at:%Y%m%dT%H%M%S}-{number}"
                yield Post(key=key, author=line.author, language=line.language, text=line.text, at=at)
