"""A light turns green by a probe that holds or a signed statement that stands, and by nothing else."""

import ast
from dataclasses import replace
from datetime import timedelta

import pytest

from ethics.papers import AT, FOLDER, TOOL, backing, frameworks, seal, statements
from impetus.core.assessment import ClaimSeen, Light, Probed
from impetus.core.errors import Misconfigured
from impetus.core.register import Officer, Statement
from impetus.ethics.claims import judge_claim, light_of, statement_document
from impetus.ethics.framework import FILES, Claim, read_frameworks
from laws.tree import SRC

PROBED = Claim(id="kept", says="It is kept 30 days.", source="GDPR 5(1)(e)", probe="days")
STATED = Claim(id="dpo.advice", says="She was asked.", source="GDPR 35(2)", valid_for=timedelta(days=365))


def seen_with(probe: object) -> ClaimSeen:
    """Return a probed claim over one probe."""
    return judge_claim(PROBED, TOOL, replace(backing(), probes={"days": probe}), at=AT)  # type: ignore[dict-item]


def told(**changes: object) -> Statement:
    """Return the statement on the officer's advice, changed and signed anew."""
    one = next(one for one in statements() if one.about == "dpo.advice")
    made = replace(one, **changes)  # type: ignore[arg-type]  # fields of a statement, as each test names them
    return replace(made, signature=seal(statement_document(made, "Testby")))


def test_a_probe_that_holds_is_green_and_shows_its_value() -> None:
    """The value is what the system says now."""
    seen = seen_with(lambda: Probed(value="30 days", holds=True, at=AT))
    assert (seen.light, seen.value, seen.because) == (Light.GREEN, "30 days", "the running system says: 30 days")


def test_a_probe_that_does_not_hold_is_red() -> None:
    """And still shows its value."""
    seen = seen_with(lambda: Probed(value="no limit", holds=False, at=AT))
    assert (seen.light, seen.value) == (Light.RED, "no limit")


def test_a_probe_that_fails_is_red_and_says_how() -> None:
    """What could not be looked at was not shown."""

    def broken() -> Probed:
        raise OSError("disk gone")

    seen = seen_with(broken)
    assert seen.light is Light.RED
    assert "disk gone" in seen.because


def test_a_probe_this_installation_does_not_have_is_red() -> None:
    """No silent pass."""
    assert judge_claim(PROBED, TOOL, backing(), at=AT).light is Light.RED


def test_a_statement_that_stands_is_green_with_who_and_until_when() -> None:
    """Dated and signed."""
    seen = judge_claim(STATED, TOOL, backing([told()]), at=AT)
    assert (seen.light, seen.stated_by, seen.expires_at) == (Light.GREEN, "kari", AT + timedelta(days=365))


def test_a_statement_counts_until_it_expires_and_not_at_that_moment() -> None:
    """The edge is excluded."""
    late = AT + timedelta(days=365)
    assert judge_claim(STATED, TOOL, backing([told()]), at=late - timedelta(seconds=1)).light is Light.GREEN
    assert judge_claim(STATED, TOOL, backing([told()]), at=late).light is Light.OPEN


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"struck_at": AT, "struck_by": "ola"}, "ola struck it through"),
        ({"who": "ola"}, "ola is not an officer"),
        ({"public_key": bytes(32)}, "kari is not an officer of the register, or has another key"),
        ({"is_exercise": True}, "it is an exercise's"),
    ],
)
def test_a_statement_that_does_not_count_says_why(changes: dict[str, object], because: str) -> None:
    """Struck, by nobody named, with another key, of an exercise."""
    seen = judge_claim(STATED, TOOL, backing([told(**changes)]), at=AT)
    assert seen.light is Light.OPEN
    assert because in seen.because


@pytest.mark.parametrize("field", ["text", "at", "expires_at", "tool", "about"])
def test_every_field_of_a_statement_is_under_its_signature(field: str) -> None:
    """A word, a day more: it no longer fits."""
    other = {"text": "not done", "at": AT - timedelta(1), "expires_at": AT + timedelta(9999), "tool": "x", "about": "y"}
    forged = replace(told(), **{field: other[field]})
    claim = replace(STATED, id=forged.about)
    seen = judge_claim(claim, forged.tool, backing([forged]), at=AT)
    assert seen.light is Light.OPEN
    assert "does not fit" in seen.because


def test_an_officer_of_exercises_states_nothing_for_real() -> None:
    """The register says which officer is one."""
    officer = Officer(name="kari", office="x", public_key="ab" * 32, is_exercise=True)
    assert judge_claim(STATED, TOOL, backing([told()], (officer,)), at=AT).light is Light.OPEN


def test_an_older_statement_that_stands_is_found_behind_a_struck_one() -> None:
    """The newest that counts."""
    struck = told(struck_at=AT, struck_by="ola")
    assert judge_claim(STATED, TOOL, backing([told(), struck]), at=AT).light is Light.GREEN


def test_what_was_stated_of_another_tool_says_nothing_of_this_one() -> None:
    """Nor for the site, where the claim is about a tool."""
    assert judge_claim(STATED, "other", backing([told()]), at=AT).light is Light.OPEN


@pytest.mark.parametrize(
    ("lights", "row"),
    [
        ((), Light.OPEN),
        ((Light.GREEN,), Light.GREEN),
        ((Light.GREEN, Light.OPEN), Light.OPEN),
        ((Light.GREEN, Light.RED), Light.RED),
        ((Light.OPEN, Light.RED), Light.RED),
    ],
)
def test_a_row_is_as_good_as_its_worst_claim(lights: tuple[Light, ...], row: Light) -> None:
    """And a row without claims is open, never green."""
    assert light_of([ClaimSeen(id="x", says="", light=light, because="") for light in lights]) is row


TYPED = {
    "altai": ('id = "altai.1"', 'id = "altai.1"\ngreen = true'),
    "claims": ('id = "stop.tested"', 'id = "stop.tested"\nlight = "green"'),
    "iso_maps": ('id = "42001:8.4"', 'id = "42001:8.4"\nstatus = "green"'),
    "duties": ('id = "gdpr.5"', 'id = "gdpr.5"\nmet = true'),
    "enisa": ('id = "enisa.A"', 'id = "enisa.A"\ndone = "green"'),
}


@pytest.mark.parametrize("name", TYPED)
def test_nobody_can_type_green_into_a_framework(name: str) -> None:
    """Whoever tries is told which keys there are."""
    texts = {each: (FOLDER / f"{each}.toml").read_text(encoding="utf-8") for each in FILES}
    assert TYPED[name][0] in texts[name]
    with pytest.raises(Misconfigured):
        read_frameworks(texts | {name: texts[name].replace(*TYPED[name])})


def test_a_claim_that_is_both_probed_and_stated_is_refused() -> None:
    """So is one that is neither."""
    texts = {each: (FOLDER / f"{each}.toml").read_text(encoding="utf-8") for each in FILES}
    both = texts["claims"].replace('probe = "log.healthy"', 'probe = "log.healthy"\nstatement_days = 9')
    neither = texts["claims"].replace('probe = "log.healthy"\n', "")
    for text in (both, neither):
        with pytest.raises(Misconfigured, match=r"log\.healthy"):
            read_frameworks(texts | {"claims": text})


def test_green_is_made_in_one_module_alone() -> None:
    """Everywhere else the word may only be compared with, or shown."""
    made = []
    for file in sorted(SRC.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        asked = {id(one) for node in ast.walk(tree) if isinstance(node, ast.Compare) for one in ast.walk(node)}
        keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
        for node in ast.walk(tree):
            is_green = isinstance(node, ast.Attribute) and node.attr == "GREEN" and ast.unparse(node.value) == "Light"
            if is_green and id(node) not in asked | keys:
                made.append(file.relative_to(SRC).as_posix())
    assert set(made) == {"ethics/claims.py"}


def test_every_claim_is_used_and_every_row_rests_on_one() -> None:
    """A claim nobody shows, or a row nothing stands behind, is a hole."""
    made = frameworks()
    rows = (*made.measures, *made.rows, *made.duties)
    used = {claim for one in (*made.questions(), *rows) for claim in one.claims}
    assert set(made.claims) - used == set()
    assert [row.id for row in rows if not row.claims] == []
