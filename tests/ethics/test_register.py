"""What clears a tool, what stops it, and what changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ethics.papers import (
    AT,
    KEY,
    MANIFEST,
    REGISTER,
    TOOL,
    answers,
    assessed,
    configured,
    fits,
    frameworks,
    judged,
    part_of,
    signing,
    statements,
    without,
)
from impetus.core.assessment import FilledBy
from impetus.core.register import EntryState, RuleRef
from impetus.ethics.entry import entry_hash, entry_of, material, undeclared
from impetus.ethics.register import Case, document_of, judge

CITY_KEYS = ("legal_basis", "purpose", "recipients", "retention", "place_kinds", "covers", "ends", "review", "regime")
CONTROLLER_KEYS = ("name", "contact", "dpo", "dpo_contact")
MANIFEST_KEYS = ("fields", "categories", "subjects", "recipients", "transfers", "model", "purposes", "gdpr")


def test_what_is_complete_and_signed_runs() -> None:
    """The whole way, nothing missing."""
    judgement = judged()
    assert (judgement.state, judgement.missing, judgement.why()) == (EntryState.RUNNING, (), "")
    assert judgement.signing is not None
    assert judgement.signing.officer == "kari"


@pytest.mark.parametrize("key", CITY_KEYS)
def test_a_field_the_city_did_not_say_blocks_the_start(key: str) -> None:
    """Each of them, even when the rest was signed as it is now."""
    now = configured(without(REGISTER, key))
    judgement = judged(now, signings=(signing(now),))
    assert judgement.state is EntryState.BLOCKED
    assert [gap.field for gap in judgement.missing] == [key]
    assert "data protection officer" in judgement.missing[0].who_may_supply


@pytest.mark.parametrize("key", CONTROLLER_KEYS)
def test_a_controller_nobody_can_reach_blocks_the_start(key: str) -> None:
    """Name, contact, and the officer's."""
    head, _, rest = REGISTER.partition("[[officer]]")
    now = configured(f"{without(head, key)}\n[[officer]]{rest}")
    judgement = judged(now, signings=(signing(now),))
    assert judgement.state is EntryState.BLOCKED
    assert f"controller.{key}" in [gap.field for gap in judgement.missing]


@pytest.mark.parametrize("key", MANIFEST_KEYS)
def test_a_field_the_tool_did_not_declare_blocks_the_start(key: str) -> None:
    """Who makes the tool is asked, not the city."""
    now = configured(part=part_of(without(MANIFEST, key)))
    judgement = judged(now, signings=(signing(now),))
    asked = [gap for gap in judgement.missing if gap.field.startswith("manifest.")]
    assert judgement.state is EntryState.BLOCKED
    assert [gap.who_may_supply for gap in asked] == ["whoever makes the tool"]


@pytest.mark.parametrize("question", [one.id for one in frameworks().questions() if one.filled_by is FilledBy.CITY])
def test_any_answer_that_is_taken_away_blocks_the_start(question: str) -> None:
    """Every mandatory question of the city's part, one by one; it was signed like this, and still does not run."""
    assessment = assessed([one for one in answers() if one.question != question])
    judgement = judged(assessment=assessment, signings=(signing(assessment=assessment),))
    assert judgement.state is EntryState.BLOCKED
    assert [gap.field for gap in judgement.missing] == [question]


@pytest.mark.parametrize("question", [one.id for one in frameworks().questions() if one.filled_by is FilledBy.TOOL])
def test_any_answer_the_tool_does_not_bring_blocks_the_start(question: str) -> None:
    """Every question of the tool's part, one by one."""
    part = replace(part_of(), answers={name: text for name, text in part_of().answers.items() if name != question})
    assessment = assessed(part=part)
    judgement = judged(configured(part=part), assessment=assessment, signings=(signing(assessment=assessment),))
    assert judgement.state is EntryState.BLOCKED
    assert [gap.field for gap in judgement.missing] == [question]
    assert judgement.missing[0].who_may_supply == "whoever makes the tool"


@pytest.mark.parametrize("claim", [one.id for one in frameworks().claims.values() if one.is_needed])
def test_a_needed_statement_that_is_taken_away_blocks_the_start(claim: str) -> None:
    """The advice of the officer, and that people are told."""
    judgement = judged(assessment=assessed(told=[one for one in statements() if one.about != claim]))
    assert judgement.state is EntryState.BLOCKED
    assert [gap.field for gap in judgement.missing] == [claim]


def test_nobody_having_signed_blocks_the_start_and_says_who_may() -> None:
    """The last thing missing is a person."""
    judgement = judged(signings=())
    assert judgement.state is EntryState.BLOCKED
    assert judgement.why() == (
        "missing: a signature under entry and assessment "
        "(an officer of the register: the data protection officer or an executive)"
    )


MATERIAL = {
    "purpose": ('purpose = "public_safety"', 'purpose = "planning"'),
    "legal basis": ("the municipal act", "another act"),
    "recipients": ('recipients = ["operator"]', 'recipients = ["operator", "supervisor"]'),
    "retention": ('retention = "observations"', 'retention = "alerts"'),
    "place": ('covers = ["square"]', 'covers = ["square", "school"]'),
    "kinds of place": ('place_kinds = ["square"]', 'place_kinds = ["square", "school entrance"]'),
    "controller": ('name = "Testby"', 'name = "Testby police"'),
    "term": ("ends = 2027-11-22", "ends = 2028-11-22"),
}
MATERIAL_OF_TOOL = {
    "inputs": ('properties = ["people_count"]', 'properties = ["people_count", "noise"]'),
    "fields": ('fields = ["result"]', 'fields = ["result", "time"]'),
    "outputs": ('kinds = ["anomaly"]', 'kinds = ["anomaly", "fault"]'),
    "model": ('version = "1"', 'version = "2"'),
    "categories": ('categories = ["none"]', 'categories = ["network"]'),
    "subjects": ('subjects = ["none"]', 'subjects = ["passers-by"]'),
    "transfers": ('transfers = ["none"]', 'transfers = ["elsewhere"]'),
    "capabilities": ("[limits]", '[capabilities]\ngives = ["pseudonym"]\n[limits]'),
}


@pytest.mark.parametrize("fact", MATERIAL)
def test_a_material_change_of_the_city_makes_the_signature_stale(fact: str) -> None:
    """It is named with what it was and what it is."""
    judgement = judged(configured(REGISTER.replace(*MATERIAL[fact])))
    assert judgement.state is EntryState.STALE
    assert [change.fact for change in judgement.changes] == [fact]
    assert judgement.changes[0].old != judgement.changes[0].new
    assert fact in judgement.why()


@pytest.mark.parametrize("fact", MATERIAL_OF_TOOL)
def test_a_material_change_of_the_tool_makes_the_signature_stale(fact: str) -> None:
    """Inputs, outputs, model and what it declares."""
    judgement = judged(configured(part=part_of(MANIFEST.replace(*MATERIAL_OF_TOOL[fact]))))
    assert judgement.state is EntryState.STALE
    assert [change.fact for change in judgement.changes] == [fact]


@pytest.mark.parametrize(
    "can",
    ['does = ["count"]', 'gives = ["level"]', 'takes_from = ["other"]', "smallest_group = 10", "smallest_group = 25"],
)
def test_each_capability_is_material_by_itself(can: str) -> None:
    """What a tool does, gives, takes from another, and how few people a figure may be about."""
    signed = judged(configured(part=part_of(MANIFEST)))
    now = judged(configured(part=part_of(MANIFEST.replace("[limits]", f"[capabilities]\n{can}\n[limits]"))))
    assert signed.state is EntryState.RUNNING
    assert [change.fact for change in now.changes] == ["capabilities"]
    assert can.split(" =", maxsplit=1)[0].replace("_", " ") in now.changes[0].new


def test_the_order_of_capabilities_means_nothing() -> None:
    """Nor does saying one twice."""
    one = part_of(MANIFEST.replace("[limits]", '[capabilities]\ngives = ["a", "b"]\n[limits]'))
    two = part_of(MANIFEST.replace("[limits]", '[capabilities]\ngives = ["b", "a", "a"]\n[limits]'))
    assert entry_hash(entry_of(configured(part=one), "counter")) == entry_hash(
        entry_of(configured(part=two), "counter")
    )


def test_other_days_of_the_same_class_are_a_material_change() -> None:
    """Retention is the days, not the name of the class."""
    [change] = judged(configured(days=90)).changes
    assert (change.fact, change.old, change.new) == ("retention", "observations, 30 d", "observations, 90 d")


def test_a_material_setting_is_signed_and_another_is_not() -> None:
    """The tool says which of its settings matter to people."""
    lower = judged(configured(part=part_of(minimum_people=5)))
    other = judged(configured(part=part_of(minimum_people=10, window_s=60)))
    assert [change.fact for change in lower.changes] == ["settings"]
    assert other.state is EntryState.RUNNING


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("post@testby.example", "hello@testby.example"),
        ('dpo = "Kari"', 'dpo = "Ola"'),
        ("review = 2027-05-22", "review = 2027-06-22"),
        ('office = "Data protection officer"', 'office = "DPO"'),
    ],
)
def test_an_immaterial_change_of_the_city_changes_nothing(old: str, new: str) -> None:
    """Contacts, the officer's name in words, the day of the review."""
    assert judged(configured(REGISTER.replace(old, new))).state is EntryState.RUNNING


@pytest.mark.parametrize(
    ("old", "new"),
    [('name = "Counter"', 'name = "People counter"'), ('"Counts."', '"Counts people."'), ("512", "256")],
)
def test_an_immaterial_change_of_the_tool_changes_nothing(old: str, new: str) -> None:
    """Its name, its summary, its memory."""
    assert judged(configured(part=part_of(MANIFEST.replace(old, new)))).state is EntryState.RUNNING


def test_the_order_of_a_list_means_nothing() -> None:
    """Recipients in another order are the same recipients."""
    one = configured(REGISTER.replace('["operator"]', '["operator", "supervisor"]'))
    other = configured(REGISTER.replace('["operator"]', '["supervisor", "operator"]'))
    assert entry_hash(entry_of(one, TOOL)) == entry_hash(entry_of(other, TOOL))


def test_a_changed_answer_makes_the_signature_stale_and_names_the_question() -> None:
    """Not its text: an answer may say more than a board should."""
    given = [replace(one, text="something else") if one.question == "rights.harms" else one for one in answers()]
    judgement = judged(assessment=assessed(given))
    assert judgement.state is EntryState.STALE
    assert [change.say() for change in judgement.changes] == [
        "the answer to rights.harms changed: as signed → another text"
    ]


def test_a_new_signature_clears_what_was_stale() -> None:
    """The old one stays in the history."""
    now = configured(REGISTER.replace(*MATERIAL["place"]))
    judgement = judged(now, signings=(signing(), replace(signing(now), id=2)))
    assert judgement.state is EntryState.RUNNING
    assert judgement.signing is not None
    assert judgement.signing.id == 2


def test_a_review_that_is_overdue_warns_and_does_not_stop() -> None:
    """The day after the review's day."""
    at = AT.replace(year=2027, month=5, day=23)
    judgement = judged(assessment=assessed(at=AT), at=at)
    assert judgement.state is EntryState.RUNNING
    assert judgement.warnings == ("the review of 2027-05-22 is overdue",)


def test_a_term_runs_through_its_last_day_and_no_further() -> None:
    """Statements are kept fresh here, so that only the term can end it."""
    last = AT.replace(year=2027, month=11, day=22, hour=23, minute=59)
    fresh = assessed(at=AT)
    assert judged(assessment=fresh, at=last).state is EntryState.RUNNING
    over = judged(assessment=fresh, at=last + timedelta(minutes=1))
    assert over.state is EntryState.BLOCKED
    assert [gap.field for gap in over.missing] == ["ends"]


def test_a_tool_that_is_not_switched_on_is_off_however_well_it_is_signed() -> None:
    """Off is no failure."""
    assert judged(replace(configured(), switched_on=())).state is EntryState.OFF


def test_what_is_prohibited_is_refused_whatever_was_signed() -> None:
    """The rule and the article are said."""
    refusal = RuleRef(rule="F13", article="AI Act, article 5(1)(h)", why="it would know faces")
    case = Case(assessment=assessed(), signings=(signing(),), refusals=(refusal,))
    judgement = judge(configured(), TOOL, case, at=AT, verify=fits)
    assert judgement.state is EntryState.REFUSED
    assert judgement.why() == "refused: F13, AI Act, article 5(1)(h): it would know faces"


def test_a_register_file_that_cannot_be_read_stops_every_tool() -> None:
    """Fails closed."""
    judgement = judged(replace(configured(), fault="a register file that can be read: not TOML"))
    assert judgement.state is EntryState.BLOCKED
    assert "not TOML" in judgement.why()


def test_a_tool_that_is_not_installed_has_no_manifest_to_sign() -> None:
    """Its row says so."""
    bare = replace(configured(), installed={})
    assert judged(bare, signings=(signing(bare),)).missing[0].field == "manifest"


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"officer": "ola"}, "ola is not an officer"),
        ({"public_key": bytes(32)}, "a key that is not kari's"),
        ({"withdrawn_at": AT, "withdrawn_by": "kari"}, "withdrew it on 2026-11-22"),
    ],
)
def test_a_signature_by_nobody_named_or_with_another_key_counts_for_nothing(
    changes: dict[str, object], because: str
) -> None:
    """And the reason is said."""
    judgement = judged(signings=(signing(**changes),))
    assert judgement.state is EntryState.BLOCKED
    assert because in judgement.missing[-1].what


@pytest.mark.parametrize("field", ["entry_hash", "assessment_hash", "at", "is_exercise", "tool"])
def test_a_signature_under_something_else_does_not_fit(field: str) -> None:
    """Every field of the document is under the signature."""
    one = signing()
    other = {
        "entry_hash": "0" * 64,
        "assessment_hash": "0" * 64,
        "at": AT - timedelta(1),
        "is_exercise": True,
        "tool": "x",
    }
    forged = replace(one, **{field: other[field]})
    judgement = judged(signings=(forged,))
    assert judgement.state is EntryState.BLOCKED
    assert "does not fit" in judgement.missing[-1].what


def test_a_signature_for_another_site_does_not_fit() -> None:
    """A city cannot be cleared by its neighbour's register."""
    assert document_of(signing(), "Testby") != document_of(signing(), "Nabokommune")
    assert judged(signings=(signing(replace(configured(), site="Nabokommune")),)).state is EntryState.BLOCKED


def test_facts_kept_beside_a_signature_cannot_hide_a_change() -> None:
    """They explain; the hash decides."""
    now = configured(REGISTER.replace(*MATERIAL["place"]))
    lying = replace(signing(), facts=material(entry_of(now, TOOL)))
    judgement = judged(now, signings=(lying,))
    assert judgement.state is EntryState.STALE
    assert judgement.changes[0].fact == "what is kept of the signature"


EXERCISE = REGISTER.replace('office = "Data', 'exercise = true\noffice = "Data')


def test_an_exercise_signature_clears_nothing_real() -> None:
    """Whatever else is right."""
    judgement = judged(signings=(signing(is_exercise=True),))
    assert judgement.state is EntryState.BLOCKED
    assert "not an exercise" in judgement.missing[0].what


def test_an_exercise_signature_clears_an_exercise_and_says_so() -> None:
    """The state is not running but exercise."""
    held = replace(configured(EXERCISE), is_exercise=True)
    assert judged(held, signings=(signing(held, is_exercise=True),)).state is EntryState.EXERCISE


def test_an_officer_of_exercises_cannot_sign_for_real() -> None:
    """Not even with their own key."""
    judgement = judged(configured(EXERCISE), signings=(signing(configured(EXERCISE)),))
    assert judgement.state is EntryState.BLOCKED
    assert "officer of exercises" in judgement.missing[-1].what


def test_a_real_signature_counts_in_an_exercise_too() -> None:
    """A city may rehearse with what it has."""
    held = replace(configured(), is_exercise=True)
    assert judged(held, signings=(signing(held),)).state is EntryState.RUNNING


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ('purpose = "public_safety"', 'purpose = "cyber_security"', "purpose", "planning, public_safety"),
        ('regime = "gdpr"', 'regime = "led"', "regime", "gdpr"),
        ('recipients = ["operator"]', 'recipients = ["the press"]', "recipients", "the press"),
        ('retention = "observations"', 'retention = "for ever"', "retention", "for ever is none"),
    ],
)
def test_what_the_city_says_against_the_tool_is_missing_not_accepted(
    old: str, new: str, field: str, words: str
) -> None:
    """A purpose it was not made for, a regime it has no act for, strangers, a class nobody keeps."""
    gaps = undeclared(entry_of(configured(REGISTER.replace(old, new)), TOOL))
    assert [gap.field for gap in gaps] == [field]
    assert words in gaps[0].what


def test_a_tool_with_personal_data_is_not_cleared_for_every_place_at_once() -> None:
    """Its sources are named; one without personal data may cover all."""
    everywhere = REGISTER.replace('covers = ["square"]', 'covers = ["*"]')
    personal = part_of(MANIFEST.replace('categories = ["none"]', 'categories = ["image_masked"]'))
    assert [gap.field for gap in undeclared(entry_of(configured(everywhere, personal), TOOL))] == ["covers"]
    assert undeclared(entry_of(configured(everywhere), TOOL)) == ()


def test_the_key_of_the_file_is_the_key_that_counts() -> None:
    """An officer whose key was replaced has not signed with the new one."""
    renewed = configured(REGISTER.replace(KEY, "cd" * 32))
    assert judged(renewed).state is EntryState.BLOCKED
