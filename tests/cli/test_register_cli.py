"""The way of a real city on the command line: from nothing to a tool that may run, and what each step refuses."""

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cli.console import Console, Said
from impetus.core.assessment import FilledBy
from impetus.core.register import Officer
from impetus.desk.frameworks import frameworks
from impetus.ethics.site_register import officer_block

TOOL = "urban_anomaly"
PASSWORD = "a long enough password"
SAID = {
    'name = "the authority that decides why and how"': 'name = "Testby"',
    'contact = "how people reach it"': 'contact = "post@testby.example"',
    'dpo = "the data protection officer\'s name"': 'dpo = "Kari"',
    'dpo_contact = "how people reach them"': 'dpo_contact = "kari@testby.example"',
    'regime = ""': 'regime = "gdpr"',
    'legal_basis = "which law lets the city do this"': 'legal_basis = "the municipal act"',
    'purpose = ""': 'purpose = "public_safety"',
    'place_kinds = ["square"]': 'place_kinds = ["square"]',
    'covers = ["source-id"]': 'covers = ["quay"]',
    "ends = 2027-11-22": "ends = 2999-11-22",
    "review = 2027-05-22": "review = 2999-05-22",
}


def typing(console: Console, *lines: str) -> None:
    """Let a script stand where a person would type."""
    console.monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def officer(console: Console) -> None:
    """Add kari with a password of her own, and name her in a new register file."""
    made = console.at_home("account", "add", "kari", "--role", "dpo", "--json")
    typing(console, made.facts["password"], PASSWORD)
    assert console.at_home("account", "password", "kari").code == 0
    assert console.at_home("register", "init").code == 0
    assert console.at_home("register", "officer", "kari").code == 0


def fill_in(console: Console) -> None:
    """Take every # away and say what is meant."""
    file = console.home / "register.toml"
    text = file.read_text(encoding="utf-8")
    for asked, said in SAID.items():
        assert f"# {asked}" in text, asked
        text = text.replace(f"# {asked}", said)
    file.write_text(text, encoding="utf-8")


def answer_all(console: Console) -> None:
    """Answer the city's part, question by question."""
    from impetus.core.actor import console as actor
    from impetus.desk.register import answer
    from impetus.settings import read_settings
    from impetus.wiring import open_desk

    desk = open_desk(read_settings(console.home))
    for question in frameworks().questions():
        if question.filled_by is FilledBy.CITY and question.id != "rights.harms":
            answer(desk, actor(), TOOL, question.id, question.example)
    desk.store.close()
    assert console.at_home("assessment", "answer", TOOL, "rights.harms", "None that we know.").code == 0


def as_kari(console: Console, *words: str) -> Said:
    """Run a command that asks for kari's password."""
    typing(console, PASSWORD)
    return console.at_home(*words, "--as", "kari")


def row(console: Console) -> dict[str, object]:
    """Return the tool's row of the register."""
    rows = console.at_home("register", "show", "--json").facts
    return next(each for each in rows if each["tool"] == TOOL and not each["place"])


def test_a_city_goes_the_whole_way(console: Console) -> None:
    """Nothing, a file, answers, statements, a signature; then a change, and the way back."""
    assert row(console)["state"] == "blocked"
    officer(console)
    fill_in(console)
    answer_all(console)
    left = [gap["field"] for gap in console.at_home("register", "missing", TOOL, "--json").facts["missing"]]
    assert left == ["dpo.advice", "people.informed", "signature"]
    for claim in left[:2]:
        assert as_kari(console, "register", "state", TOOL, claim, "Done on Monday.").code == 0
    assert as_kari(console, "register", "sign", TOOL).out == f"{TOOL} is signed by kari\n"
    assert (row(console)["state"], row(console)["signed_by"]) == ("running", "kari")
    file = console.home / "register.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('["square"]', '["school"]'), encoding="utf-8")
    assert row(console)["changed"] == ["kinds of place changed: square → school"]
    assert "changed since it was signed: kinds of place" in console.at_home("register", "missing", TOOL).out
    assert as_kari(console, "register", "sign", TOOL).code == 0
    assert as_kari(console, "register", "withdraw", TOOL, "2", "--why", "the school asked").code == 0
    assert row(console)["state"] == "stale"


def test_a_key_of_ones_own_signs_elsewhere(console: Console) -> None:
    """The document goes out, the signature comes in, and no password is asked; a colleague states what is stated."""
    officer(console)
    fill_in(console)
    answer_all(console)
    for claim in ("dpo.advice", "people.informed"):
        assert as_kari(console, "register", "state", TOOL, claim, "Done on Monday.").code == 0
    own, at = Ed25519PrivateKey.generate(), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    public = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    mayor = officer_block(Officer(name="ola", office="Mayor", public_key=public))
    with (console.home / "register.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{mayor}")
    given = ("--as", "ola", "--at", at)
    words = console.at_home("register", "document", TOOL, *given).out.encode()
    assert json.loads(words)["officer"] == "ola"
    forged = console.at_home("register", "sign", TOOL, *given, "--signature", own.sign(words + b" ").hex())
    assert (forged.code, "does not count" in forged.err) == (77, True)
    assert console.at_home("register", "sign", TOOL, *given, "--signature", own.sign(words).hex()).code == 0
    assert (row(console)["state"], row(console)["signed_by"]) == ("running", "ola")


def test_a_wrong_password_signs_nothing(console: Console) -> None:
    """And says so in one line."""
    officer(console)
    typing(console, "wrong")
    answer = console.at_home("register", "sign", TOOL, "--as", "kari")
    assert answer.code == 77
    assert "wrong" in answer.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("register", "missing", "no_tool"), 65, "no tool 'no_tool'"),
        (("register", "sign", TOOL, "--as", "nobody"), 65, "nobody here is called"),
        (
            ("register", "sign", TOOL, "--as", "x", "--signature", "zz", "--at", "2026-11-22T12:00:00Z"),
            65,
            "hexadecimal",
        ),
        (("register", "sign", TOOL, "--as", "x", "--signature", "00", "--at", "yesterday"), 65, "yesterday"),
        (("register", "document", TOOL, "--as", "nobody"), 77, "not an officer"),
        (("register", "exercise"), 77, "real input"),
        (("assessment", "fill", TOOL), 65, "nobody is at the keyboard"),
        (("assessment", "export", TOOL, "--format", "doc"), 65, "html, pdf, cnil"),
        (("assessment", "answer", TOOL, "no.such", "x"), 65, "no question"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_what_would_help(
    console: Console, words: tuple[str, ...], code: int, said: str
) -> None:
    """Exit code by whose fault it is."""
    typing(console, PASSWORD)
    answer = console.at_home(*words)
    assert (answer.code, said in answer.err) == (code, True), answer.err


def test_an_exercise_is_held_once(console: Console) -> None:
    """Where the settings say that it is one."""
    (console.home / "impetus.toml").write_text("exercise = true\n", encoding="utf-8")
    assert "signed urban_anomaly, fusion" in console.at_home("register", "exercise").out
    assert "signed already" in console.at_home("register", "exercise").out
    assert row(console)["exercise"] is True


@pytest.mark.parametrize(
    ("form", "ending", "begins"), [("html", "html", b"<!doctype"), ("pdf", "pdf", b"%PDF"), ("cnil", "json", b"{")]
)
def test_an_assessment_is_taken_along(console: Console, tmp_path: Path, form: str, ending: str, begins: bytes) -> None:
    """In three forms, named after the tool."""
    answer = console.at_home("assessment", "export", TOOL, "--format", form)
    assert answer.out == f"{TOOL}-assessment.{ending}\n"
    assert (tmp_path / f"{TOOL}-assessment.{ending}").read_bytes().startswith(begins)


def test_an_assessment_is_shown_with_its_claims(console: Console) -> None:
    """In words, and as JSON."""
    shown = console.at_home("assessment", "show", TOOL).out
    assert "rights.harms" in shown
    assert "dpo.advice" in shown
    assert set(console.at_home("assessment", "show", TOOL, "--json").facts) == {"tool", "answers", "frameworks"}
    assert json.loads(console.at_home("register", "show", "--json").out)
