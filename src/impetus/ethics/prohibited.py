"""What no configuration may do: an algebra over what tools take in, do and give, and how they are wired together.

How it works: every component's identifiers are read into facts (`capability`). Facts travel along links: what a tool gives
is taken in by the tool it feeds, so each component is judged with everything upstream of it. `PRODUCTIONS` make new facts out
of facts that stand together (tracks and a list of persons make identification), and `RULES` refuse combinations, each with
its article, its reason and what would be allowed instead.

Invariants: pure; nothing that is configured is a parameter of a rule; a refused part stays refused whatever is added; order
and naming of components do not matter. It says no to uses, not to tools: a harmless one wired to another may be refused.

**Source**: Regulation (EU) 2024/1689 (AI Act), article 5(1)(a)-(h), in force since 2 February 2025; GDPR, articles 4(14),
5(1)(c), 9(1), 22 and 88; Directive (EU) 2016/680, articles 10 and 11; position 4 of the house's ethics.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from impetus.ethics.capability import Fact, facts_of

_F = Fact
SMALLEST_GROUP = 10
"""People a count about a small cell must hold at least. Source: house rule, default stance of each tool (k = 10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One tool or source as configured: identifiers of what it takes in, does and gives, its settings and its model.

    `recipients` are who sees what it gives; `smallest_group` is the least number of people one of its figures may be about,
    None when it says nothing about groups of people.
    """

    id: str
    senses: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    smallest_group: int | None = None

    def facts(self) -> frozenset[Fact]:
        """Return what its identifiers say."""
        said = (self.id, *self.senses, *self.does, *self.gives, *self.settings, *self.places, *self.purposes)
        told = facts_of(self.recipients) & {_F.SUPERVISOR}
        return facts_of(said) | told


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that is judged together. `links` say whose output another takes in, `(from, to)`."""

    components: tuple[Component, ...]
    links: tuple[tuple[str, str], ...] = ()
    places: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One prohibition a configuration meets, and which components meet it together."""

    rule: str
    article: str
    why: str
    what_would_be_allowed: str
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A prohibition: it is met when each of `needs` has a fact that stands, and no fact of `elsewhere` does.

    `covered_by` names sharper rules that say the same more precisely: when one of them is met too, this one is not told.
    Only a rule that has a wider one without `elsewhere` beside it may have `elsewhere`, so that nothing becomes allowed by
    adding something.
    """

    name: str
    article: str
    why: str
    allowed: str
    needs: tuple[frozenset[Fact], ...]
    elsewhere: frozenset[Fact] = frozenset()
    covered_by: tuple[str, ...] = ()

    def is_met(self, facts: frozenset[Fact]) -> bool:
        """Say whether these facts together meet it."""
        return all(facts & group for group in self.needs) and not facts & self.elsewhere


def _any(*facts: Fact) -> frozenset[Fact]:
    return frozenset(facts)


PEOPLE_SEEN = _any(_F.VIDEO, _F.FACE, _F.GAIT, _F.BODY)
BIOMETRIC = _any(_F.FACE, _F.GAIT, _F.VOICE, _F.EMBED)
ABOUT_ONE = _any(_F.PERSON, _F.PERSON_ID, _F.PROFILE, _F.AUTHOR, _F.WORKER, _F.FACE, _F.RECORDS)

PRODUCTIONS: tuple[tuple[tuple[frozenset[Fact], ...], Fact], ...] = (
    ((BIOMETRIC, _any(_F.MATCH, _F.WATCHLIST)), _F.IDENTIFY),
    ((_any(_F.PERSON_ID, _F.TRACK), _any(_F.WATCHLIST), PEOPLE_SEEN | {_F.AUDIO}), _F.IDENTIFY),
    ((_any(_F.PERSON_ID), _any(_F.RECORDS), PEOPLE_SEEN), _F.IDENTIFY),
    ((_any(_F.FACE, _F.VOICE, _F.GAIT), _any(_F.IDENTIFY)), _F.EMBED),
    ((_any(_F.PERSON_ID, _F.TRACK, _F.BODY), _any(_F.ACROSS)), _F.ACROSS),
    ((_any(_F.AFFECT), _any(_F.FACE, _F.VIDEO, _F.AUDIO, _F.SPEECH, _F.BIOSIGNAL, _F.AFFECT)), _F.EMOTION),
    ((_any(_F.SCORE), _any(_F.TRUST)), _F.TRUST),
    ((_any(_F.SCRAPE), _any(_F.PICTURES)), _F.FACE),
    ((_any(_F.AUDIO), _any(_F.SPEECH), _any(_F.TRANSCRIBE)), _F.TRANSCRIBE),
)
"""What stands together makes something new: groups of which each must have a fact, and the fact they make."""

POSITION = "position 4 of the house's ethics"
_PLACE = "say what happens in the place: counts of at least 10 people, flows, levels, objects"

RULES: tuple[Rule, ...] = (
    Rule(
        name="manipulation",
        article="AI Act, article 5(1)(a)",
        why="It works on people below their awareness or by deception, so that they decide what they would not.",
        allowed="plain information and warnings that say who speaks and why",
        needs=(_any(_F.MANIPULATE),),
    ),
    Rule(
        name="vulnerability",
        article="AI Act, article 5(1)(b)",
        why="It singles out people for their age, disability or social situation.",
        allowed="help offered to everybody in the place, without finding out who is weak",
        needs=(
            _any(_F.VULNERABLE),
            _any(_F.PERSON, _F.PERSON_ID, _F.PROFILE, _F.SCORE, _F.PREDICT, _F.FACE, _F.AUTHOR),
        ),
    ),
    Rule(
        name="social score",
        article="AI Act, article 5(1)(c)",
        why="It values persons by how they behave or are, to treat them worse for it.",
        allowed="figures about places and services that no person can be found in",
        needs=(_any(_F.TRUST),),
    ),
    Rule(
        name="score of a person",
        article="AI Act, article 5(1)(c)",
        why="It gives single persons, authors or households a score.",
        allowed="scores of findings, sensors and places; a finding's own certainty",
        needs=(_any(_F.SCORE, _F.PREDICT), _any(_F.PERSON, _F.PERSON_ID, _F.PROFILE, _F.AUTHOR, _F.FACE)),
        covered_by=("crime of a person foretold", "vulnerability", "social score"),
    ),
    Rule(
        name="crime of a person foretold",
        article="AI Act, article 5(1)(d)",
        why="It foretells from who somebody is, or was, that they will commit an offence.",
        allowed="facts about what has happened, assessed by people; load of places without persons",
        needs=(_any(_F.CRIME), ABOUT_ONE | {_F.SCORE}, _any(_F.PREDICT, _F.SCORE, _F.PROFILE, _F.RECORDS)),
    ),
    Rule(
        name="faces scraped",
        article="AI Act, article 5(1)(e)",
        why="It gathers faces or portraits from the internet or from cameras without a target.",
        allowed="no collection of faces; masks are drawn and the picture is forgotten",
        needs=(_any(_F.SCRAPE), _any(_F.FACE, _F.PICTURES, _F.CROP)),
    ),
    Rule(
        name="emotion at work or school",
        article="AI Act, article 5(1)(f)",
        why="It infers what people feel where they cannot walk away: at work or in education.",
        allowed="a workload band (low, fit, high) shown to the wearer only, for safety; no word for a feeling",
        needs=(_any(_F.EMOTION), _any(_F.WORK, _F.SCHOOL, _F.WORKER)),
    ),
    Rule(
        name="emotion",
        article="GDPR, article 9(1)",
        why="It infers what people feel.",
        allowed=_PLACE,
        needs=(_any(_F.EMOTION),),
        covered_by=("emotion at work or school",),
    ),
    Rule(
        name="sensitive categories from bodies",
        article="AI Act, article 5(1)(g)",
        why="It sorts people by race, belief, politics, union or sexuality from how they look, sound or move.",
        allowed=_PLACE,
        needs=(_any(_F.SENSITIVE), BIOMETRIC | PEOPLE_SEEN | {_F.AUDIO, _F.SPEECH}),
    ),
    Rule(
        name="special categories",
        article="GDPR, article 9(1)",
        why="It processes special categories about persons.",
        allowed="topics and places, from at least 10 authors, without what authors are",
        needs=(_any(_F.SENSITIVE), ABOUT_ONE | {_F.POSTS, _F.CLASSIFY, _F.RECORDS}),
        covered_by=("sensitive categories from bodies",),
    ),
    Rule(
        name="identification in public places",
        article="AI Act, article 5(1)(h)",
        why="It finds out from bodies who the people in a public place are.",
        allowed="objects, silhouettes and counts; an identity is asked for by two persons in a case, never by a camera",
        needs=(_any(_F.IDENTIFY), PEOPLE_SEEN | BIOMETRIC | {_F.AUDIO}, _any(_F.PUBLIC, _F.VIDEO, _F.WATCHLIST)),
        elsewhere=_any(_F.SCHOOL, _F.WORK),
    ),
    Rule(
        name="biometric data",
        article="GDPR, article 9(1)",
        why="It turns bodies into data by which a person can be known again.",
        allowed="whole-body silhouettes and boxes, kept in no form",
        needs=(BIOMETRIC | {_F.CROP, _F.IDENTIFY},),
        covered_by=(
            "faces scraped",
            "emotion at work or school",
            "emotion",
            "sensitive categories from bodies",
            "identification in public places",
            "one person across cameras",
            "face crops",
            "vulnerability",
            "crime of a person foretold",
            "score of a person",
        ),
    ),
    Rule(
        name="one person across cameras",
        article="GDPR, article 4(14)",
        why="It knows a person again from one camera or place to the next.",
        allowed="tracks that end with the camera's view; counts in and counts out",
        needs=(_any(_F.ACROSS), PEOPLE_SEEN | BIOMETRIC | {_F.PERSON, _F.PERSON_ID, _F.TRACK}),
    ),
    Rule(
        name="face crops",
        article="GDPR, article 5(1)(c)",
        why="It keeps pictures of faces.",
        allowed="evidence in which every person is a silhouette",
        needs=(_any(_F.CROP),),
        covered_by=("faces scraped",),
    ),
    Rule(
        name="list of persons",
        article="GDPR, article 5(1)(c)",
        why="It compares people who pass with a list of persons.",
        allowed="lists of indicators of attacks on the city's own systems",
        needs=(_any(_F.WATCHLIST), _any(_F.PERSON, _F.PERSON_ID, _F.TRACK, _F.AUTHOR, _F.DEVICE)),
        covered_by=("identification in public places",),
    ),
    Rule(
        name="number plates",
        article="GDPR, article 5(1)(c)",
        why="It reads number plates, by which everybody who drives can be followed.",
        allowed="counts, classes and directions of vehicles",
        needs=(_any(_F.PLATE),),
    ),
    Rule(
        name="devices people carry",
        article="GDPR, article 4(1)",
        why="It singles out people by the devices they carry.",
        allowed="counts of devices made on the sensor, without addresses",
        needs=(_any(_F.DEVICE),),
    ),
    Rule(
        name="what people say",
        article="GDPR, article 9(1), and Directive 2002/58/EC, article 5(1)",
        why="It listens to what people say.",
        allowed="sound levels and classes of sounds (bang, glass, shout) worked out on the sensor, without speech",
        needs=(_any(_F.TRANSCRIBE),),
    ),
    Rule(
        name="what people mean to do",
        article=POSITION,
        why="It infers what single persons intend, or whether they lie.",
        allowed="what can be seen: an object left, a fence climbed, a flow against the direction",
        needs=(_any(_F.INTENTION), PEOPLE_SEEN | ABOUT_ONE | {_F.AUDIO, _F.BIOSIGNAL, _F.SPEECH}),
    ),
    Rule(
        name="dossiers on authors",
        article="GDPR, article 9(1)",
        why="It gathers what one person writes into a picture of that person.",
        allowed="topics and places with pseudonyms that change every day",
        needs=(_any(_F.PROFILE), _any(_F.AUTHOR, _F.POSTS, _F.PERSON)),
        covered_by=("score of a person", "special categories", "vulnerability", "crime of a person foretold"),
    ),
    Rule(
        name="performance of single workers",
        article="GDPR, article 88",
        why="It measures single workers for those above them.",
        allowed="figures of at least 5 people together, agreed with the works council",
        needs=(_any(_F.PERFORMANCE), _any(_F.WORKER)),
    ),
    Rule(
        name="raw signals of workers",
        article="GDPR, article 88",
        why="It shows the signals of a worker's body to somebody else.",
        allowed="a band shown to the wearer; team level from 3 people for the supervisor",
        needs=(_any(_F.BIOSIGNAL), _any(_F.RAW, _F.PERSON_ID, _F.PERSON), _any(_F.SUPERVISOR)),
    ),
)

SMALL_CELL = Rule(
    name="cells with too few people",
    article="GDPR, recital 26",
    why="A figure about fewer than 10 people is a figure about persons.",
    allowed="cells of at least 10 people; smaller ones are left out",
    needs=(),
)


def judge(configuration: Configuration) -> tuple[Refusal, ...]:
    """Return every prohibition the configuration meets, in the order of the rules; empty when it may be.

    Each component is judged with all that feeds it, directly or through others.
    """
    own = {one.id: one.facts() for one in configuration.components}
    around = facts_of((*configuration.places, *configuration.purposes))
    found: dict[str, tuple[Rule, set[str]]] = {}
    for one in configuration.components:
        chain = upstream(one.id, configuration.links)
        facts = conclude(around.union(*(own.get(each, frozenset()) for each in chain)))
        met = sharpest([rule for rule in RULES if rule.is_met(facts)])
        if one.smallest_group is not None and one.smallest_group < SMALLEST_GROUP:
            met.append(SMALL_CELL)
        for rule in met:
            found.setdefault(rule.name, (rule, set()))[1].update(chain)
    order = {rule.name: place for place, rule in enumerate((*RULES, SMALL_CELL))}
    return tuple(_refusal(*found[name]) for name in sorted(found, key=order.__getitem__))


def sharpest(met: Sequence[Rule]) -> list[Rule]:
    """Return the rules without those that a sharper one among them covers; never none out of some."""
    names = {rule.name for rule in met}
    return [rule for rule in met if not names.intersection(rule.covered_by)]


def upstream(component: str, links: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return the component and everything whose output reaches it, round loops too."""
    feeds: Mapping[str, list[str]] = {to: [start for start, end in links if end == to] for _, to in links}
    reached, waiting = {component}, [component]
    while waiting:
        for before in feeds.get(waiting.pop(), ()):
            if before not in reached:
                reached.add(before)
                waiting.append(before)
    return frozenset(reached)


def conclude(facts: frozenset[Fact]) -> frozenset[Fact]:
    """Return the facts with all that follows from them, until nothing new does."""
    while True:
        made = {fact for groups, fact in PRODUCTIONS if all(facts & group for group in groups)}
        if made <= facts:
            return facts
        facts |= made


def _refusal(rule: Rule, components: set[str]) -> Refusal:
    return Refusal(
        rule=rule.name,
        article=rule.article,
        why=rule.why,
        what_would_be_allowed=rule.allowed,
        components=tuple(sorted(components)),
    )
