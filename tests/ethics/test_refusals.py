"""Every refusal of the ethics, word by word: what is wrong, the value, the limit, the rule, its source, what would help."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ethics.golden import check_words, told
from ethics.papers import frameworks
from impetus.core.access import Category, Purpose
from impetus.core.actor import Actor, Role, console
from impetus.core.ids import AccountId
from impetus.ethics.assessment import MAX_ANSWER_CHARS, check_answer
from impetus.ethics.guard import permit, who_can_see, who_may
from impetus.ethics.mask_text import MAX_TEXT, find
from impetus.ethics.matrix import MATRIX
from impetus.ethics.pseudonym import IdentityKind, domain_key, normalise, period_key, period_of, pseudonym
from impetus.ethics.purpose import PURPOSES, own_purpose
from impetus.ethics.retention import DAY, LONGEST_HOLD, check_hold, read_scope
from impetus.ethics.reveal import person, second_person
from impetus.ethics.reveal import span as reveal_span
from impetus.ethics.shares import Share, read, restore, split, write

AT = datetime(2026, 5, 3, 14, 8, 12, tzinfo=UTC)
KARI = Actor(name="kari", role=Role.OPERATOR, account=AccountId(1))
SOL = Actor(name="sol", role=Role.SUPERVISOR, account=AccountId(2))
TOKEN = Actor(name="a program", role=Role.SERVICE, operations=frozenset({"reveals.approve", "alerts.read"}))
SPAN = "2026-02-01T00:00:00+00:00/2026-02-02T00:00:00+00:00"
Cases = dict[str, Callable[[], object]]


def check_told(name: str, cases: Cases) -> None:
    """Hold what is told in each case against the file."""
    check_words(name, {title: told(act) for title, act in cases.items()})


class NoClues:
    """Clues of nobody."""

    def phones(self, _: str) -> list[tuple[int, int]]:
        """Return no phone."""
        return []

    def is_given_name(self, word: str) -> bool:
        """Say no."""
        return not word

    def is_family_name(self, word: str) -> bool:
        """Say no."""
        return not word


def test_what_a_custodian_is_told() -> None:
    """Too few, mixed up, of another length, not on one line, changed, cut off, not a share."""
    one, two, three = split(b"secret", lambda count: bytes(range(1, count + 1)))
    other = split(b"secret", lambda count: bytes(range(2, count + 2)))[1]
    line = write(one)
    check_told(
        "refused_shares",
        {
            "no share": lambda: restore(()),
            "one share": lambda: restore((one,)),
            "one share twice": lambda: restore((one, one)),
            "two shares and one of them again": lambda: restore((one, two, one)),
            "two sets": lambda: restore((one, other)),
            "two lengths": lambda: restore((one, replace(two, body=two.body[:-1]))),
            "a fourth custodian": lambda: restore((one, replace(two, index=4))),
            "a custodian before the first": lambda: restore((replace(one, index=0), two)),
            "a third that lies elsewhere": lambda: restore((one, two, replace(three, body=bytes(6)))),
            "two that belong together": lambda: restore((one, three)),
            "a written share": lambda: line,
            "a share as it is read": lambda: read(line),
            "a sign that was changed": lambda: read(f"{line[:-1]}{'0' if line[-1] != '0' else '1'}"),
            "a line that was cut": lambda: read(line[:-8]),
            "another line": lambda: read("to whom it may concern"),
            "a share of nothing": lambda: restore((Share(group=b"abcd", index=1, body=b""),) * 3),
        },
    )


def test_what_is_told_about_pseudonyms() -> None:
    """Never the value itself: refusals are logged."""
    key = bytes(32)
    check_told(
        "refused_pseudonyms",
        {
            "a time without zone": lambda: period_of(datetime(2026, 5, 4)),  # noqa: DTZ001 - the refusal is about it
            "no domain": lambda: domain_key(key, ""),
            "half a key": lambda: pseudonym(key[:16], IdentityKind.PLATE, "EK12345"),
            "half a master": lambda: period_key(key[:16], AT.date()),
            "a plate without letters": lambda: normalise(IdentityKind.PLATE, " - - "),
            "nothing at all": lambda: normalise(IdentityKind.HANDLE, "  "),
            "too long by one": lambda: normalise(IdentityKind.HANDLE, "x" * 321),
            "just as long as allowed": lambda: len(normalise(IdentityKind.HANDLE, "x" * 320)),
            "an address with two signs": lambda: normalise(IdentityKind.EMAIL, "a@b@c"),
            "an address without a name": lambda: normalise(IdentityKind.EMAIL, "@example.no"),
            "an address without a host": lambda: normalise(IdentityKind.EMAIL, "kari@"),
            "an address of two names": lambda: normalise(IdentityKind.EMAIL, "mailto:Kari+Square@Example.no"),
            "a network address of three parts": lambda: normalise(IdentityKind.ADDRESS, "192.0.2"),
            "a network address in the new form": lambda: normalise(IdentityKind.ADDRESS, "2001:DB8:0::1"),
            "a handle with two signs": lambda: normalise(IdentityKind.HANDLE, "@@Kari@home@"),
            "a plate with signs": lambda: normalise(IdentityKind.PLATE, "ek·12 345"),
        },
    )


def test_what_is_told_about_lifting_a_mask() -> None:
    """Between two persons with accounts, for a short time."""
    check_told(
        "refused_reveals",
        {
            "the console asks": lambda: person(console()),
            "a token asks": lambda: person(TOKEN),
            "a token with an account asks": lambda: person(replace(TOKEN, account=AccountId(3))),
            "a person asks": lambda: person(KARI),
            "the same account approves": lambda: second_person(person(KARI), replace(SOL, account=AccountId(1))),
            "the same name approves": lambda: second_person(person(KARI), replace(SOL, name="Kari")),
            "another person approves": lambda: second_person(person(KARI), SOL),
            "no minute": lambda: reveal_span(0),
            "one minute": lambda: reveal_span(1),
            "thirty minutes": lambda: reveal_span(30),
            "thirty-one minutes": lambda: reveal_span(31),
        },
    )


def test_what_is_told_about_holds() -> None:
    """What a hold can cover, in which words, and until when."""
    check_told(
        "refused_holds",
        {
            "nothing": lambda: read_scope(""),
            "a person": lambda: read_scope("person:kari"),
            "number zero": lambda: read_scope("incident:0"),
            "number one": lambda: read_scope("incident:1"),
            "a number in Thai digits": lambda: read_scope("alert:๓"),
            "the largest number": lambda: read_scope(f"alert:{(1 << 62) - 1}"),
            "a number too large": lambda: read_scope(f"alert:{1 << 62}"),
            "two colons": lambda: read_scope("alert:1:2"),
            "a request": lambda: read_scope("request:007"),
            "a source without a span": lambda: read_scope("source:square"),
            "a source": lambda: read_scope(f"source:square@{SPAN}"),
            "a datastream": lambda: read_scope(f"datastream:square/C.1/p_c@{SPAN}"),
            "a datastream in two parts": lambda: read_scope(f"datastream:square/c1@{SPAN}"),
            "a source in three parts": lambda: read_scope(f"source:square/c1/p@{SPAN}"),
            "a source in capitals": lambda: read_scope(f"source:Square@{SPAN}"),
            "three times": lambda: read_scope("source:a@2026-02-01/2026-02-02/2026-02-03"),
            "a key with two signs": lambda: read_scope(f"source:a@b@{SPAN}"),
            "a begin without a zone": lambda: read_scope("source:a@2026-02-01T00:00:00/2026-02-02T00:00:00Z"),
            "an end without a zone": lambda: read_scope("source:a@2026-02-01T00:00:00Z/2026-02-02T00:00:00"),
            "no time between": lambda: read_scope("source:a@2026-02-01T00:00:00Z/2026-02-01T00:00:00Z"),
            "a very long subject": lambda: read_scope("x" * 300),
            "an end that is now": lambda: check_hold(AT, AT),
            "an end in a moment": lambda: check_hold(AT, AT + timedelta(microseconds=1)),
            "an end yesterday": lambda: check_hold(AT, AT - DAY),
            "the last end there may be": lambda: check_hold(AT, AT + LONGEST_HOLD),
            "an end a moment later": lambda: check_hold(AT, AT + LONGEST_HOLD + timedelta(microseconds=1)),
            "an end that never comes": lambda: check_hold(AT, datetime(9999, 12, 31, tzinfo=UTC)),
        },
    )


def test_what_is_told_about_answers_and_texts() -> None:
    """The tool's part, a choice that is none, too short, too long; a text too long to be masked."""
    asked = {one.id: one for one in frameworks().questions()}
    city = next(one for one in asked.values() if one.filled_by == "city" and not one.choices)
    tool = next(one for one in asked.values() if one.filled_by == "tool")
    chosen = next(one for one in asked.values() if one.filled_by == "city" and one.choices)
    check_told(
        "refused_answers",
        {
            "the tool's part": lambda: check_answer(tool, "yes"),
            "a choice": lambda: check_answer(chosen, f" {chosen.choices[0]} "),
            "no choice": lambda: check_answer(chosen, "perhaps " * 20),
            "one letter": lambda: check_answer(city, " x "),
            "two letters": lambda: check_answer(city, " no\n"),
            "as long as allowed": lambda: len(check_answer(city, "x" * MAX_ANSWER_CHARS)),
            "longer than allowed": lambda: check_answer(city, "x" * (MAX_ANSWER_CHARS + 1)),
            "a text as long as can be masked": lambda: find("x" * MAX_TEXT, NoClues()),
            "a text longer than can be masked": lambda: find("x" * (MAX_TEXT + 1), NoClues()),
        },
    )


def test_what_somebody_is_told_who_may_not() -> None:
    """The guard names the rule, who may, and what would make it allowed."""
    nobody = Actor(name="", role=Role.OPERATOR)
    check_told(
        "refused_by_the_guard",
        {
            "nobody": lambda: permit(None, "alerts.read"),
            "somebody without a name": lambda: permit(nobody, "alerts.read"),
            "an operator signs": lambda: permit(KARI, "register.sign"),
            "a supervisor keeps accounts": lambda: permit(SOL, "accounts.manage"),
            "a supervisor approves": lambda: permit(SOL, "reveals.approve"),
            "an operator does what nobody knows": lambda: permit(KARI, "people.follow"),
            "a token approves": lambda: permit(TOKEN, "reveals.approve"),
            "a token reads what was not written on it": lambda: permit(TOKEN, "incidents.read"),
            "a token reads what was written on it": lambda: permit(TOKEN, "alerts.read"),
            "a token does what nobody knows": lambda: permit(TOKEN, "people.follow"),
            "a role nobody knows": lambda: permit(Actor(name="casper", role="ghost"), "alerts.read"),  # type: ignore[arg-type]  # no such role
            "the platform judges": lambda: permit(Actor(name="fusion", role=Role.PLATFORM), "alerts.triage"),
        },
    )


def test_who_may_do_what_and_why_it_is_open_to_them() -> None:
    """The roles of some operations, and for the pages the rules that give each kind of data."""
    operations = ("alerts.read", "alerts.triage", "log.read", "observations.write", "people.follow", "reveals.approve")
    found = {f"who may {operation}": ", ".join(who_may(operation)) or "nobody" for operation in operations}
    for operation, category in (
        ("media.read", Category.IMAGE_MASKED),
        ("alerts.read", Category.TEXT_MASKED),
        ("alerts.read", Category.NETWORK),
        ("identities.ask", Category.IDENTITY),
        ("reveals.ask", Category.IMAGE_CLEAR),
        ("history.read", Category.BIOSIGNAL),
        ("alerts.read", Category.STAFF),
        ("log.read", Category.STAFF),
        ("figures.read", Category.NONE),
        ("parts.read", Category.NONE),
        ("alerts.read", Category.IMAGE_CLEAR),
    ):
        seen = who_can_see(operation, category)
        pairs = [f"{role}: {because}" for role, because in zip(seen.roles, seen.because, strict=True)]
        found[f"who can see {category.value} by {operation}, and why"] = "\n".join([seen.why, *pairs])
    found["who can see what nobody knows"] = repr(who_can_see("people.follow"))
    check_words("who_may", found)


def test_what_each_role_does_something_for() -> None:
    """The purpose that is written down when nobody names one: the role's own, else the operation's first."""
    found = {
        operation: ", ".join(
            f"{role.value} {own_purpose(role, operation).value}" for role in MATRIX if role is not Role.SERVICE
        )
        for operation in ("alerts.read", "incidents.read", "history.read", "register.read", "holds.write")
    }
    check_words("purposes", found)
    assert own_purpose(Role.OPERATOR, "people.follow") is Purpose.OPERATION
    assert all(own_purpose(role, operation) in PURPOSES[operation] for role in MATRIX for operation in PURPOSES)
