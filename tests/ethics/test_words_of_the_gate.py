"""What the gate and the assessment say, whole: what is missing and who may supply it, what changed, why a light is not green."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ethics.golden import check_words
from ethics.papers import (
    AT,
    MANIFEST,
    REGISTER,
    TOOL,
    answers,
    assessed,
    backing,
    configured,
    fits,
    frameworks,
    judged,
    lines_of,
    part_of,
    seal,
    signing,
    statements,
    without,
)
from impetus.core.assessment import FilledBy, Probed
from impetus.core.register import Configured, Missing, Officer, RuleRef, SiteRegister, Statement, ToolPart
from impetus.ethics.assessment import gather, highest, open_questions, open_statements, probability
from impetus.ethics.claims import judge_claim, statement_document, why_not
from impetus.ethics.entry import canonical, entry_hash, entry_of, is_personal, list_words, material, overdue, undeclared
from impetus.ethics.framework import SITE, Claim, RiskTable
from impetus.ethics.register import Case, Judgement, Signed, counts, digest_answers, document_of, judge

WHOLE = MANIFEST.replace('["none"]\nrecipients', '["passers-by", "drivers"]\nrecipients')
PROBED = Claim(id="kept", says="It is kept 30 days.", source="GDPR 5(1)(e)", probe="days")
STATED = Claim(id="dpo.advice", says="She was asked.", source="GDPR 35(2)", valid_for=timedelta(days=365))


def written(gaps: Iterable[Missing]) -> str:
    """Return gaps as text, all four parts of each."""
    return (
        "\n".join(f"{gap.field}: {gap.what}\n  who: {gap.who_may_supply}\n  how: {gap.how}" for gap in gaps)
        or "nothing"
    )


def judgement_of(made: Judgement) -> str:
    """Return a judgement as text."""
    lines = [f"{made.state.value}, {'cleared' if made.is_cleared else 'not cleared'}: {made.why() or 'nothing to say'}"]
    lines += [f"  changed: {change.fact}, {change.old!r} to {change.new!r}" for change in made.changes]
    lines += [f"  warning: {warning}" for warning in made.warnings]
    lines += [f"  signature: {made.signing.id} by {made.signing.officer}"] if made.signing else []
    lines += [f"  refusal: {made.refusal.rule}"] if made.refusal else []
    return "\n".join([*lines, *(f"  {line}" for line in written(made.missing).splitlines() if made.missing)])


def test_what_is_missing_of_an_entry_about_which_nobody_said_anything() -> None:
    """Every field of tool and city with who may supply it and where it is written; then what they say against each other."""
    silent = configured("", part_of(without(without(without(MANIFEST, "fields"), "model"), "gdpr")))
    bare = MANIFEST
    for key in ("purposes", "fields", "categories", "subjects", "recipients", "transfers", "model", "gdpr"):
        bare = without(bare, key)
    against = REGISTER.replace('"gdpr"', '"led"').replace('purpose = "public_safety"', 'purpose = "cyber_security"')
    against = against.replace('["operator"]', '["the press", "operator", "the mayor"]').replace(
        '"observations"', '"ever"'
    )
    everywhere = REGISTER.replace('covers = ["square"]', 'covers = ["*"]')
    personal = part_of(MANIFEST.replace('categories = ["none"]', 'categories = ["image_masked"]'))
    fed = part_of(MANIFEST.replace("personal_data = []", 'personal_data = ["none", "gait"]'))
    ended = entry_of(configured(), TOOL)
    check_words(
        "gate_missing",
        {
            "nothing said by the city, little by the tool": written(undeclared(entry_of(silent, TOOL))),
            "a bare manifest": written(undeclared(entry_of(configured(part=part_of(bare)), TOOL))),
            "not installed": written(undeclared(entry_of(replace(configured(), installed={}), TOOL))),
            "everything said against the tool": written(undeclared(entry_of(configured(against), TOOL))),
            "everywhere, nothing personal": written(undeclared(entry_of(configured(everywhere), TOOL))),
            "everywhere, masked images": written(undeclared(entry_of(configured(everywhere, personal), TOOL))),
            "everywhere, personal data": written(undeclared(entry_of(configured(everywhere, fed), TOOL))),
            "everywhere, not installed": written(
                undeclared(entry_of(replace(configured(everywhere), installed={}), TOOL))
            ),
            "on its last day": written(overdue(ended, AT.replace(year=2027, hour=23))),
            "on the day after": written(overdue(ended, AT.replace(year=2027, day=23, hour=0))),
            "without an end": written(overdue(entry_of(configured(without(REGISTER, "ends")), TOOL), AT)),
        },
    )


def test_the_material_facts_of_an_entry() -> None:
    """All of them, spelled as they are signed; a hash of them is the entry's."""
    plenty = WHOLE.replace('model = "a sum"', 'model = "a sum"').replace(
        '["people_count"]', '["people_count", "noise"]'
    )
    whole = entry_of(configured(part=part_of(plenty, minimum_people=5, window_s=60)), TOOL)
    silent = entry_of(Configured(site="Testby", switched_on=(), installed={}), TOOL)
    led = entry_of(configured(REGISTER.replace('"gdpr"', '"led"').replace("observations", "x")), TOOL)
    everything = entry_of(configured(part=part_of(without(MANIFEST, "properties"))), TOOL)
    check_words(
        "gate_material",
        {
            "a whole entry": "\n".join(f"{fact}: {value}" for fact, value in material(whole).items()),
            "nothing installed and nothing said": "\n".join(
                f"{fact}: {value}" for fact, value in material(silent).items()
            ),
            "without an act for the regime": "\n".join(f"{fact}: {value}" for fact, value in material(led).items()),
            "a tool that senses everything": f"inputs: {material(everything)['inputs']}",
            "why it cannot be read": str(silent.part.fault),
            "hash": entry_hash(entry_of(configured(), TOOL)),
            "words": list_words(["b", "a", "b"]),
            "canonical": canonical({"å": 1, "a": [True, None]}),
        },
    )


@pytest.mark.parametrize(
    ("old", "new", "personal"),
    [
        ("x", "x", False),
        ('categories = ["none"]', 'categories = ["none", "network"]', True),
        ('categories = ["none"]', 'categories = ["image_masked"]', True),
        ("personal_data = []", 'personal_data = ["none"]', False),
        ("personal_data = []", 'personal_data = ["faces"]', True),
    ],
)
def test_what_makes_a_tool_personal(old: str, new: str, personal: bool) -> None:  # noqa: FBT001 - a table's column
    """One category or one kind of personal data that is not "none"; a tool nobody can read is taken for one."""
    assert is_personal(entry_of(configured(part=part_of(MANIFEST.replace(old, new))), TOOL)) is personal
    assert is_personal(entry_of(replace(configured(), installed={}), TOOL))


def test_how_a_tool_stands_in_each_case() -> None:
    """State, sentence, what is missing, what changed, whose signature: each case whole."""
    late = AT.replace(year=2027, month=5, day=23)
    fresh = assessed(at=AT)
    exercise = configured(REGISTER.replace('office = "Data', 'exercise = true\noffice = "Data'))
    rehearsal = replace(exercise, is_exercise=True)
    refusal = RuleRef(rule="F13", article="AI Act, article 5(1)(h)", why="it would know faces")
    moved = configured(REGISTER.replace('covers = ["square"]', 'covers = ["square", "school"]'))
    retold = assessed([replace(one, text="else") if one.question == "rights.harms" else one for one in answers()])
    gapped = assessed([one for one in answers() if one.question not in {"rights.harms", "wp248.1"}])
    withdrawn = signing(withdrawn_at=AT, withdrawn_by="ola")
    cases = {
        "complete and signed": judged(),
        "not switched on": judged(replace(configured(), switched_on=())),
        "prohibited": judge(configured(), TOOL, Case(assessment=fresh, refusals=(refusal,)), at=AT, verify=fits),
        "prohibited and off": judge(
            replace(configured(), switched_on=()), TOOL, Case(assessment=fresh, refusals=(refusal,)), at=AT, verify=fits
        ),
        "a register file that cannot be read": judged(replace(configured(), fault="a register file: not TOML")),
        "nobody signed": judged(signings=()),
        "nobody signed and two answers open": judged(assessment=gapped, signings=()),
        "signed with one answer open": judged(assessment=gapped, signings=(signing(assessment=gapped),)),
        "another place": judged(moved),
        "another place, and its end is over": judged(moved, assessment=fresh, at=late.replace(year=2028)),
        "another answer": judged(assessment=retold),
        "an answer more than was signed": judged(signings=(signing(assessment=gapped),)),
        "signed again": judged(moved, signings=(signing(), replace(signing(moved), id=2))),
        "signed again by mistake under the old": judged(signings=(signing(), replace(signing(), id=2))),
        "withdrawn": judged(signings=(withdrawn,)),
        "withdrawn after another was": judged(signings=(signing(officer="ola"), replace(withdrawn, id=2))),
        "the review is today": judged(assessment=fresh, at=late - timedelta(days=1)),
        "the review was yesterday": judged(assessment=fresh, at=late),
        "the term is over": judged(assessment=fresh, at=AT.replace(year=2027, day=23)),
        "an exercise's signature": judged(signings=(signing(is_exercise=True),)),
        "an exercise's signature in an exercise": judged(rehearsal, signings=(signing(rehearsal, is_exercise=True),)),
        "an exercise's officer for real": judged(exercise, signings=(signing(exercise),)),
        "not installed any more": judged(replace(configured(), installed={})),
        "signed before it was installed": judged(signings=(signing(replace(configured(), installed={})),)),
        "signed before it was installed, without settings": judged(
            configured(part=part_of(without(MANIFEST, "material_settings"))),
            signings=(signing(replace(configured(), installed={})),),
        ),
        "an exercise whose review was yesterday": judged(
            rehearsal, assessment=fresh, signings=(signing(rehearsal, is_exercise=True),), at=late
        ),
        "what is kept was changed": judged(
            moved, signings=(replace(signing(), facts=material(entry_of(moved, TOOL))),)
        ),
    }
    check_words("gate_judged", {title: judgement_of(made) for title, made in cases.items()})


def test_a_document_that_is_signed_is_written_out() -> None:
    """Canonical JSON with every field, so that it can be checked by hand years later."""
    one = signing(is_exercise=True)
    assert document_of(one, "Testby").decode() == (
        f'{{"assessment":"{one.assessment_hash}","at":"2026-11-22T12:00:00Z","entry":"{one.entry_hash}","exercise":true,'
        '"officer":"kari","site":"Testby","tool":"counter","type":"impetus-register-signature-1"}'
    )
    [told] = [one for one in statements() if one.about == "dpo.advice"]
    said = json.loads(statement_document(replace(told, text="gjort på mandag"), "Testby"))
    assert said == {
        "type": "impetus-statement-1",
        "site": "Testby",
        "tool": told.tool,
        "about": "dpo.advice",
        "text": "gjort på mandag",
        "who": "kari",
        "at": "2026-11-22T12:00:00Z",
        "expires": told.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "exercise": False,
    }
    written_out = statement_document(replace(told, text="på"), "Testby").decode()
    assert written_out == json.dumps(json.loads(written_out), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_why_a_signature_or_a_statement_does_not_count() -> None:
    """Each reason in its words; the first that holds is said."""
    officers = configured().register.officers
    trainee = (replace(officers[0], is_exercise=True),)
    [told] = [one for one in statements() if one.about == "dpo.advice"]

    def signed(named: tuple[Officer, ...] = officers, **changes: object) -> str:
        return counts(signing(**changes), "Testby", named, fits) or "counts"

    def stated(named: tuple[Officer, ...] = officers, *, later: timedelta = timedelta(0), **changes: object) -> str:
        made: Statement = replace(told, **changes)  # type: ignore[arg-type]  # fields of a statement
        made = replace(made, signature=seal(statement_document(made, "Testby")))
        return why_not(made, backing([made], named), at=AT + later) or "counts"

    check_words(
        "gate_counts",
        {
            "a signature": signed(),
            "a signature that was withdrawn": signed(withdrawn_at=AT, withdrawn_by="ola"),
            "a signature by nobody named": signed(officer="ola"),
            "a signature with another key": signed(public_key=bytes(32)),
            "a signature by an officer of exercises": signed(trainee),
            "an exercise's signature by an officer of exercises": signed(trainee, is_exercise=True),
            "a signature that does not fit": counts(replace(signing(), tool="x"), "Testby", officers, fits),
            "a statement": stated(),
            "a statement that was struck": stated(struck_at=AT, struck_by="ola"),
            "a statement a moment before it expires": stated(later=told.expires_at - AT - timedelta(seconds=1)),
            "a statement that expires now": stated(later=told.expires_at - AT),
            "a statement by nobody named": stated(who="ola"),
            "a statement with another key": stated(public_key=bytes(32)),
            "a statement by an officer of exercises": stated(trainee),
            "an exercise's statement by an officer of exercises": stated(trainee, is_exercise=True),
            "an exercise's statement": stated(is_exercise=True),
            "an exercise's statement in an exercise": why_not(
                replace(told, is_exercise=True), replace(backing(), is_exercise=True, verify=lambda *_: True), at=AT
            )
            or "counts",
            "a statement that does not fit": why_not(replace(told, text="else"), backing(), at=AT),
        },
    )


def test_what_is_seen_of_a_claim() -> None:
    """Every field of the light, for a probe and for a statement."""
    [told] = [one for one in statements() if one.about == "dpo.advice"]
    ours = replace(told, tool=SITE)

    def failing() -> Probed:
        raise OSError("x" * 300)

    seen = {
        "it holds": judge_claim(
            PROBED, TOOL, replace(backing(), probes={"days": lambda: Probed(value="30 days", holds=True, at=AT)}), at=AT
        ),
        "it does not hold": judge_claim(
            PROBED, TOOL, replace(backing(), probes={"days": lambda: Probed(value="no end", holds=False, at=AT)}), at=AT
        ),
        "it cannot be looked at": judge_claim(PROBED, TOOL, replace(backing(), probes={"days": failing}), at=AT),
        "there is no probe": judge_claim(PROBED, TOOL, backing(), at=AT),
        "it was stated": judge_claim(STATED, TOOL, backing([told]), at=AT),
        "it was never stated": judge_claim(STATED, TOOL, backing([]), at=AT),
        "it was stated of the site": judge_claim(STATED, TOOL, backing([ours]), at=AT),
        "it was stated too long ago": judge_claim(STATED, TOOL, backing([told]), at=told.expires_at),
        "the newest of two does not count": judge_claim(
            STATED, TOOL, backing([replace(told, who="ola"), replace(told, struck_at=AT, struck_by="kari")]), at=AT
        ),
    }
    check_words(
        "gate_claims",
        {title: "\n".join(f"{name}: {getattr(one, name)}" for name in one.__slots__) for title, one in seen.items()},
    )


def test_what_an_assessment_still_lacks() -> None:
    """Which question, in its words, who may answer it, and with which command; then statements nobody has made."""
    asked = {one.id: one for one in frameworks().questions()}
    full = gather(frameworks(), part_of(), answers())
    emptied = {**full, "description.what": " ", "rights.harms": " x ", "wp248.1": "perhaps", "threat.people.1": ""}
    optional = {name: text for name, text in full.items() if asked[name].is_mandatory}
    check_words(
        "assessment_open",
        {
            "four answers that are none": written(open_questions(frameworks(), TOOL, emptied)),
            "all that must be answered": written(open_questions(frameworks(), TOOL, optional)),
            "three letters": written(open_questions(frameworks(), TOOL, {**full, "rights.harms": "yes"})),
            "statements nobody made": written(open_statements(frameworks(), TOOL, backing([]), at=AT)),
            "statements that stand": written(open_statements(frameworks(), TOOL, backing(), at=AT)),
            "statements that ran out": written(
                open_statements(frameworks(), TOOL, backing(), at=AT + timedelta(days=9999))
            ),
        },
    )
    assert {asked[name].filled_by for name in ("description.what", "rights.harms")} == set(FilledBy)
    assert open_questions(frameworks(), TOOL, {}) == open_questions(frameworks(), TOOL, dict.fromkeys(asked, ""))


def test_answers_stand_where_they_belong() -> None:
    """The tool's own, the city's for this tool, the site's for all; spaces go, struck and empty ones do not count."""
    given = answers()
    site = next(one for one in given if one.tool == SITE)
    mine = next(one for one in given if one.tool == TOOL)
    part = replace(part_of(), answers={name: f" {text} " for name, text in part_of().answers.items()})
    full = gather(frameworks(), part, given)
    assert set(full) == {one.id for one in frameworks().questions()}
    assert full["description.what"] == "as it is"
    swapped = [replace(one, tool=TOOL if one.tool == SITE else SITE) for one in (site, mine)]
    assert [gather(frameworks(), part, swapped)[one.question] for one in swapped] == ["", ""]
    later = [site, replace(site, text="changed"), replace(site, text="")]
    assert gather(frameworks(), part, later)[site.question] == "changed"


RISK = RiskTable(
    areas={"a": ("a1", "a2", "a3"), "b": ("b1", "b2", "b3")},
    area_medium_from=2,
    area_high_from=3,
    sum_medium_from=3,
    sum_high_from=5,
    levels={},
)


@pytest.mark.parametrize(
    ("yes", "likely"),
    [("", "low"), ("a1", "low"), ("a1 a2", "medium"), ("a1 a2 b1 b2", "medium"), ("a1 a2 a3", "medium"),
     ("a1 a2 a3 b1 b2", "high"), ("a1 a2 a3 b1 b2 b3", "high"), ("a1 b1", "low")],
)  # fmt: skip
def test_each_edge_of_the_table_of_probability(yes: str, likely: str) -> None:
    """By hand, areas of three: 1+1 = 2 low; 2+1 = 3 medium; 2+2 and 3+1 = 4 medium; 3+2 = 5 high."""
    found = {name: "yes" if name in yes.split() else "no" for names in RISK.areas.values() for name in names}
    assert probability(RISK, found) == likely
    assert probability(RISK, {**found, "b3": ""}) == ""
    assert highest([likely, "very high", "low"]) == "very high"


def test_a_digest_tells_answers_apart_and_keeps_none() -> None:
    """Sixteen digits of SHA-256 for each answer that says something."""
    assert digest_answers({"a": "yes", "b": ""}) == {"a": hashlib.sha256(b"yes").hexdigest()[:16]}
    one, other = Signed(answers={"a": "1"}), Signed(answers={"a": "2"})
    assert one.hash != other.hash
    assert one.hash == hashlib.sha256(b'{"a":"1"}').hexdigest()


def test_every_line_of_the_papers_is_a_line_of_the_entry() -> None:
    """The sample register says everything a register can say, so that no case above is passed over."""
    said = set(lines_of(REGISTER)) - {"name", "office", "public_key", "contact", "dpo", "dpo_contact"}
    assert said == {
        "regime",
        "legal_basis",
        "purpose",
        "recipients",
        "retention",
        "place_kinds",
        "covers",
        "ends",
        "review",
    }
    assert SiteRegister() == SiteRegister(officers=())
    assert ToolPart(id=TOOL).manifest is None
    assert entry_of(configured(), TOOL).said.ends == date(2027, 11, 22)
