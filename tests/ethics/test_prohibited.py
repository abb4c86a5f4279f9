"""The algebra of prohibited uses: what is refused stays refused, whatever is added, renamed, reordered or hidden."""

import base64
import codecs
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics.test_red_team import LEGITIMATE, REFUSED, configuration
from impetus.ethics.capability import INNOCENT, LEXICON, Fact, facts_of, unfold
from impetus.ethics.prohibited import (
    PRODUCTIONS,
    RULES,
    SMALLEST_GROUP,
    Component,
    Configuration,
    conclude,
    judge,
    sharpest,
    upstream,
)

WORDS = sorted(LEXICON)


def one(**said: tuple[str, ...]) -> Configuration:
    """Return a configuration of one tool."""
    return Configuration(components=(Component(id="t", **said),))  # type: ignore[arg-type]  # named by the test


def refused(configured: Configuration) -> set[str]:
    """Return the names of the rules that refuse."""
    return {refusal.rule for refusal in judge(configured)}


@given(st.frozensets(st.sampled_from(list(Fact))), st.frozensets(st.sampled_from(list(Fact))))
def test_adding_facts_allows_nothing(some: frozenset[Fact], more: frozenset[Fact]) -> None:
    """Whatever is refused is refused with anything added to it: no word is a password."""
    before = [rule for rule in RULES if rule.is_met(conclude(some))]
    after = [rule for rule in RULES if rule.is_met(conclude(some | more))]
    if before:
        assert sharpest(after)


@given(st.frozensets(st.sampled_from(list(Fact))))
def test_conclusions_only_add_and_end(facts: frozenset[Fact]) -> None:
    """Nothing is unsaid, and concluding again changes nothing."""
    concluded = conclude(facts)
    assert facts <= concluded
    assert conclude(concluded) == concluded


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REFUSED), st.lists(st.sampled_from(WORDS), max_size=6), st.randoms(use_true_random=False))
def test_a_refused_configuration_stays_refused_among_other_tools(line: dict, words: list[str], chance: object) -> None:  # type: ignore[type-arg]
    """Beside other tools, other words, in another order, under other names of tools."""
    configured = configuration(line)
    names = {component.id: f"n{number}x" for number, component in enumerate(configured.components)}
    renamed = [replace(component, settings=(*component.settings, component.id)) for component in configured.components]
    renamed = [replace(component, id=names[component.id]) for component in renamed]
    harmless = [Component(id=f"other{number}", does=(word,)) for number, word in enumerate(words)]
    everything = [*renamed, *harmless]
    chance.shuffle(everything)  # type: ignore[attr-defined]  # a random.Random
    links = tuple((names[start], names[end]) for start, end in configured.links)
    assert judge(replace(configured, components=tuple(everything), links=links))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REFUSED), st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_no_setting_word_or_purpose_excuses(line: dict, words: list[str]) -> None:  # type: ignore[type-arg]
    """Not even the words of the rules themselves."""
    configured = configuration(line)
    excused = tuple(replace(component, settings=(*component.settings, *words)) for component in configured.components)
    assert judge(replace(configured, components=excused, purposes=tuple(words)))


@pytest.mark.parametrize("line", REFUSED, ids=[line["name"] for line in REFUSED])
def test_a_disguise_of_all_identifiers_hides_nothing(line: dict) -> None:  # type: ignore[type-arg]
    """Each identifier in base64, as one reads it in a field's name."""
    configured = configuration(line)

    def hidden(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(base64.b64encode(f"{text:<12}".encode()).decode() if text.isascii() else text for text in texts)

    components = tuple(
        replace(each, does=hidden(each.does), gives=hidden(each.gives), settings=hidden(each.settings))
        for each in configured.components
    )
    assert judge(replace(configured, components=components))


def test_legitimate_tools_together_on_one_site_stay_legitimate() -> None:
    """A city runs many; what is not wired together is not judged together."""
    components = tuple(
        replace(component, id=f"{component.id}_{number}")
        for number, line in enumerate(LEGITIMATE)
        for component in configuration(line).components
    )
    assert judge(Configuration(components=components)) == ()


@pytest.mark.parametrize("fact", list(Fact))
def test_every_fact_has_words_and_a_use(fact: Fact) -> None:
    """A fact nobody can say, or no rule asks for, is dead weight."""
    assert any(fact in facts for facts in LEXICON.values())
    asked = {each for rule in RULES for group in (*rule.needs, rule.elsewhere) for each in group}
    asked |= {each for groups, _ in PRODUCTIONS for group in groups for each in group}
    assert fact in asked or fact in {Fact.NETWORK, Fact.CELL}


def test_the_rules_cover_each_letter_of_article_5() -> None:
    """(a) to (h), none forgotten; names are unique; what covers exists and has nothing to hide behind."""
    articles = {rule.article for rule in RULES}
    assert {f"AI Act, article 5(1)({letter})" for letter in "abcdefgh"} <= articles
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert set(rule.covered_by) <= set(names)
        assert rule.name not in rule.covered_by


def test_no_two_rules_cover_each_other() -> None:
    """Else both would fall silent."""
    covered = {rule.name: set(rule.covered_by) for rule in RULES}

    def reaches(start: str) -> set[str]:
        found, waiting = set[str](), [*covered[start]]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += covered[name]
        return found

    assert not [name for name in covered if name in reaches(name)]


@pytest.mark.parametrize(("k", "is_refused"), [(None, False), (1, True), (9, True), (10, False), (11, False)])
def test_cells_hold_at_least_ten_people(k: int | None, *, is_refused: bool) -> None:
    """Ten is enough, nine is not, and who says nothing about groups is not asked."""
    configured = Configuration(components=(Component(id="density", does=("count",), smallest_group=k),))
    assert bool(judge(configured)) is is_refused
    assert SMALLEST_GROUP == 10


@pytest.mark.parametrize(
    ("links", "chain"),
    [
        ((), {"c"}),
        ((("a", "b"), ("b", "c")), {"a", "b", "c"}),
        ((("c", "a"),), {"c"}),
        ((("a", "c"), ("c", "a")), {"a", "c"}),
        ((("x", "y"), ("b", "c")), {"b", "c"}),
    ],
)
def test_a_component_is_judged_with_what_feeds_it(links: tuple[tuple[str, str], ...], chain: set[str]) -> None:
    """Not with what it feeds, and round loops without end."""
    assert upstream("c", links) == chain


@pytest.mark.parametrize(
    "text",
    [
        "surface",
        "interface",
        "Facebook",
        "demotion",
        "locomotion",
        "embedded_linux",
        "scoreboard",
        "platelet",
        "embrace",
    ],
)
def test_a_word_inside_a_word_means_nothing(text: str) -> None:
    """`surface` is no face, `locomotion` no emotion."""
    assert facts_of([text]) == frozenset()


@pytest.mark.parametrize("pair", sorted(INNOCENT))
def test_an_innocent_pair_alone_refuses_nothing(pair: str) -> None:
    """`plate count` is microbiology, a `rock face` is rock."""
    assert judge(one(does=(pair,))) == ()


@pytest.mark.parametrize(
    "text",
    [
        "faceEmbedding",
        "FACE-EMBEDDING",
        "face.embedding.v3",
        "f4ce_3mbedd1ng",
        "\uff46\uff41\uff43\uff45\uff3f\uff45\uff4d\uff42\uff45\uff44\uff44\uff49\uff4e\uff47",
        "f\u0430\u0441\u0435_embedding",
        codecs.encode("embedding", "rot13"),
        "gniddebme",
        base64.b64encode(b"face_embedding").decode(),
        base64.urlsafe_b64encode(b"face_embedding").decode().rstrip("="),
        b"face_embedding".hex(),
        "ansiktsgjenkjenningssystem",
        "riconoscimento_facciale",
    ],
)
def test_a_face_is_known_in_every_spelling_and_disguise(text: str) -> None:
    """Case, dashes, digits, wide and foreign letters, rotation, reversal, base64, hexadecimal, Norwegian, Italian."""
    assert refused(one(gives=(text,)))


@given(st.text(max_size=60))
def test_whatever_is_written_is_read(text: str) -> None:
    """No text makes the reading fail."""
    assert list(unfold(text))
    assert facts_of([text]) <= set(Fact)


def test_recipients_are_read_for_who_sees_it_and_nothing_else() -> None:
    """`operator` as a recipient makes nobody a watched worker; `supervisor` says who looks."""
    watched = Component(id="w", senses=("hrv",), gives=("raw",), recipients=("supervisor",))
    assert {each.rule for each in judge(Configuration(components=(watched,)))} == {"raw signals of workers"}
    shown = replace(watched, recipients=("operator", "wearer"))
    assert judge(Configuration(components=(shown,))) == ()


def test_a_face_at_a_workplace_is_refused_by_another_article() -> None:
    """Article 5(1)(h) is about publicly accessible spaces; biometrics are refused there all the same."""
    at = {
        place: refused(replace(one(senses=("video",), does=("face recognition",)), places=(place,)))
        for place in ("square", "office")
    }
    assert at == {"square": {"identification in public places"}, "office": {"biometric data"}}
