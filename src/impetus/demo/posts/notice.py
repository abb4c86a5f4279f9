"""One rule over posts: a word of violence beside a word of the place. Pure; small on purpose, and no judge of anybody.

What it does not do: understand. Irony, quotation and negation pass for the thing itself, and other words pass unseen; the
tool's part of the assessment says so.
"""

import re
from dataclasses import dataclass

from impetus.core.evidence import Author, Evidence, TextEvidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.text import Phrase
from impetus.demo.posts.feed import Post

TOOL = ToolId("square_posts")
SUBJECT = "posts:square"
ENGLISH = frozenset({"attack", "break", "burn", "smash", "storm", "bottles"})
NORWEGIAN = frozenset({"angrip", "angripe", "knus", "knuse", "brenn", "brenne", "storme"})
ITALIAN = frozenset({"attacca", "attaccare", "brucia", "rompi", "rompere", "assalta"})
VIOLENCE = ENGLISH | NORWEGIAN | ITALIAN
PLACE = frozenset(
    {"barrier", "square", "exit", "hall", "gate"}
    | {"sperring", "sperringen", "plassen", "torget", "rådhuset", "utgangen"}
    | {"piazza", "municipio", "transenna", "transenne", "uscita"}
)
"""Words as people write them, without their many forms. House choice, for a demonstration."""
HEADLINE = "A post calls for violence at the square"
WHY = "It says {words}. Its author stands behind a pseudonym, which is seen within an incident"
TITLE = "Simulated post"
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The words of a text that met the rule, as they stand in the lists, in alphabetical order."""

    violence: tuple[str, ...]
    place: tuple[str, ...]


def named(text: str) -> Named | None:
    """Return which words of violence and of the place a text has, None unless it has one of each.

    >>> named("Attack the barrier!")
    Named(violence=('attack',), place=('barrier',))
    >>> named("What a light over the city hall") is None
    True
    """
    words = {word.casefold() for word in _WORD.findall(text)}
    violence, place = tuple(sorted(words & VIOLENCE)), tuple(sorted(words & PLACE))
    return Named(violence=violence, place=place) if violence and place else None


def notice(post: Post, author: Author) -> tuple[Finding, Evidence] | None:
    """Return what is to be said of a post whose author is behind a pseudonym, None when nothing is.

    The author's handle goes into neither; other people's handles stand in the text, which the desk masks.
    """
    found = named(post.text)
    if found is None:
        return None
    words = ", ".join((*found.violence, *found.place))
    why = Phrase(template=WHY, values={"words": words})
    finding = Finding(
        key=FindingKey(f"{TOOL}:{post.key}"),
        tool=TOOL,
        kind=Kind.ANOMALY,
        subject=SUBJECT,
        headline=Phrase(template=HEADLINE),
        why=why,
        began=post.at,
        noticed=post.at,
        severity=Severity.MODERATE,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.POSSIBLE,
        score=0.5,
        simulated=True,
    )
    text = TextEvidence(title=Phrase(template=TITLE), text=post.text, at=post.at, language=post.language, author=author)
    return finding, Evidence(finding=finding.key, summary=why, texts=(text,))
