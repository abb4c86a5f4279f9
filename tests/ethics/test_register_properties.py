"""The register's judgement under any change: what is material stops the tool, what is not does not, and nothing forged clears."""

from dataclasses import fields, replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ethics.papers import AT, REGISTER, TOOL, answers, assessed, configured, fits, judged, part_of, signing, statements
from impetus.core.access import Purpose, Regime
from impetus.core.register import Configured, EntryState, SiteEntry
from impetus.ethics.entry import canonical, entry_hash, entry_of, material
from impetus.ethics.register import digest_answers, document_of

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
LISTS = st.lists(WORDS, min_size=1, max_size=3).map(tuple)
DAYS = st.dates(date(2027, 1, 1), date(2999, 1, 1))
ENTRIES = st.builds(
    SiteEntry,
    regime=st.sampled_from(Regime),
    purpose=st.sampled_from(Purpose),
    legal_basis=WORDS,
    recipients=LISTS,
    retention=st.sampled_from(["observations", "alerts", "another"]),
    place_kinds=LISTS,
    covers=LISTS,
    ends=DAYS,
    review=DAYS,
)
SIGNED = configured().register.tools[TOOL]
ASSESSED = assessed()


def saying(entry: SiteEntry) -> Configured:
    """Return the installation with this entry."""
    now = configured()
    return replace(now, register=replace(now.register, tools={TOOL: entry}))


@given(ENTRIES)
def test_any_other_entry_is_not_covered_by_the_signature(entry: SiteEntry) -> None:
    """Whatever a city writes, the old signature runs it only when every material fact is as signed."""
    now = saying(entry)
    same = material(entry_of(now, TOOL)) == material(entry_of(configured(), TOOL))
    assert judged(now, assessment=ASSESSED).is_cleared is same
    assert (entry_hash(entry_of(now, TOOL)) == entry_hash(entry_of(configured(), TOOL))) is same


@given(ENTRIES, st.sampled_from([item.name for item in fields(SiteEntry) if item.name != "review"]))
def test_each_field_but_the_review_is_material(entry: SiteEntry, name: str) -> None:
    """One field from somewhere else: the hash moves with it, unless it is the same."""
    changed = replace(SIGNED, **{name: getattr(entry, name)})
    before, after = (entry_of(saying(one), TOOL) for one in (SIGNED, changed))
    assert (entry_hash(before) == entry_hash(after)) is (material(before) == material(after))
    is_same = getattr(changed, name) == getattr(SIGNED, name)
    is_same |= isinstance(getattr(SIGNED, name), tuple) and set(getattr(changed, name)) == set(getattr(SIGNED, name))
    if not is_same:
        assert entry_hash(before) != entry_hash(after)


@given(DAYS)
def test_no_review_day_touches_the_signature(day: date) -> None:
    """It warns when it is past; it never stops."""
    judgement = judged(saying(replace(SIGNED, review=day)), assessment=ASSESSED)
    assert judgement.state is EntryState.RUNNING
    assert bool(judgement.warnings) is (AT.date() > day)


@given(st.binary(max_size=80))
def test_no_bytes_but_the_officers_signature_clear(forged: bytes) -> None:
    """Whatever is put in its place."""
    true = signing()
    judgement = judged(assessment=ASSESSED, signings=(replace(true, signature=forged),))
    assert judgement.is_cleared is (forged == true.signature)


@given(st.integers(0, 63), st.integers(1, 255))
def test_one_changed_byte_of_a_signature_is_enough(place: int, by: int) -> None:
    """Anywhere in it."""
    true = signing()
    changed = bytearray(true.signature)
    changed[place] ^= by
    judgement = judged(assessment=ASSESSED, signings=(replace(true, signature=bytes(changed)),))
    assert judgement.state is EntryState.BLOCKED


@given(st.permutations(range(4)))
def test_withdrawn_and_old_signatures_never_matter_beside_a_good_one(order: list[int]) -> None:
    """In whatever order they lie."""
    old = signing(configured(REGISTER.replace("the municipal act", "another act")))
    lying = [
        signing(),
        replace(signing(), withdrawn_at=AT, withdrawn_by="kari"),
        old,
        replace(signing(), signature=bytes(64)),
    ]
    assert judged(assessment=ASSESSED, signings=tuple(lying[place] for place in order)).state is EntryState.RUNNING


@given(st.dictionaries(WORDS, WORDS, max_size=5))
def test_one_meaning_has_one_text(facts: dict[str, str]) -> None:
    """Keys in another order are the same facts."""
    backwards = dict(reversed(list(facts.items())))
    assert canonical(facts) == canonical(backwards)


@given(st.dictionaries(WORDS, WORDS, max_size=4), st.dictionaries(WORDS, WORDS, max_size=4))
def test_two_meanings_never_share_a_text(one: dict[str, str], other: dict[str, str]) -> None:
    """No way of writing one thing reads as another."""
    assert (canonical(one) == canonical(other)) is (one == other)


@given(WORDS, WORDS)
def test_answers_are_kept_as_digests_that_tell_them_apart(one: str, other: str) -> None:
    """And an empty answer is none."""
    first, second = digest_answers({"q": one}), digest_answers({"q": other})
    assert (first == second) is (one == other)
    assert all(len(digest) == 16 and one not in digest for digest in first.values()) or len(one) < 2
    assert digest_answers({"q": ""}) == {}


@given(st.integers(-400, 4000))
def test_a_tool_runs_only_between_signature_and_end(days: int) -> None:
    """By the day, UTC; statements are taken as fresh here, so that the term alone decides."""
    at = AT + timedelta(days=days)
    judgement = judged(assessment=ASSESSED, at=at)
    ends = SIGNED.ends
    assert ends is not None
    assert judgement.is_cleared is (at.date() <= ends)


@given(st.sets(st.integers(0, len(answers()) - 1), max_size=4))
def test_what_is_missing_is_exactly_what_was_taken_away(taken: set[int]) -> None:
    """Not more and not less, whichever answers are gone."""
    left = [one for place, one in enumerate(answers()) if place not in taken]
    gone = {answers()[place].question for place in taken}
    assert {gap.field for gap in assessed(left).missing} == gone


@given(st.sets(st.integers(0, len(statements()) - 1), max_size=6))
def test_only_needed_statements_are_missed(taken: set[int]) -> None:
    """Others leave their claim open and the tool running."""
    left = [one for place, one in enumerate(statements()) if place not in taken]
    gone = {statements()[place].about for place in taken} & {"dpo.advice", "people.informed"}
    assert {gap.field for gap in assessed(told=left).missing} == gone


@given(st.sampled_from(["site", "tool", "officer", "at", "entry_hash", "assessment_hash", "is_exercise"]))
def test_every_word_of_the_document_is_signed(field: str) -> None:
    """Change one, and the bytes are others."""
    one = signing()
    changed = {
        "tool": "other",
        "officer": "ola",
        "at": AT + timedelta(seconds=1),
        "entry_hash": "0" * 64,
        "assessment_hash": "0" * 64,
        "is_exercise": True,
    }
    other = one if field == "site" else replace(one, **{field: changed[field]})
    site = "Nabokommune" if field == "site" else "Testby"
    assert document_of(other, site) != document_of(one, "Testby")
    assert not fits(one.public_key, one.signature, document_of(other, site))


def test_parts_of_a_second_are_not_signed() -> None:
    """The document's time is to the second, and the stored one is cut to it before."""
    assert document_of(signing(), "Testby") == document_of(signing(at=AT + timedelta(microseconds=9)), "Testby")


def test_the_fixture_is_what_it_says() -> None:
    """Complete, signed and of this tool, or every test above would prove little."""
    assert judged().state is EntryState.RUNNING
    assert part_of().id == TOOL
