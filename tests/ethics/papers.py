"""A tool, a city's register file and an assessment that are complete, to be broken one thing at a time."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from impetus.core.assessment import FilledBy
from impetus.core.manifest import read_manifest
from impetus.core.register import Answer, Configured, Officer, Signing, Statement, ToolPart
from impetus.ethics.assessment import assess, open_statements
from impetus.ethics.claims import Backing, statement_document
from impetus.ethics.entry import entry_hash, entry_of, material
from impetus.ethics.framework import FILES, SITE, Frameworks, Scope, read_frameworks
from impetus.ethics.register import Case, Judgement, Signed, document_of, judge
from impetus.ethics.site_register import read_site_register

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOOL = "counter"
KEY = "ab" * 32
FOLDER = Path(__file__).parents[2] / "src/impetus/ethics/frameworks"
MANIFEST = """
[tool]
id = "counter"
name = "Counter"
summary = "Counts."
version = "1"
[senses]
input = "observations"
properties = ["people_count"]
[emits]
kinds = ["anomaly"]
[ethics]
purposes = ["public_safety", "planning"]
personal_data = []
retention = "observations"
legal_class = "none"
fields = ["result"]
categories = ["none"]
subjects = ["none"]
recipients = ["operator", "supervisor"]
transfers = ["none"]
model = "a sum"
material_settings = ["minimum_people"]
[ethics.acts]
gdpr = "article 6(1)(e)"
[limits]
memory_mib = 512
"""
REGISTER = f"""
[controller]
name = "Testby"
contact = "post@testby.example"
dpo = "Kari"
dpo_contact = "kari@testby.example"
[[officer]]
name = "kari"
office = "Data protection officer"
public_key = "{KEY}"
[tool.counter]
regime = "gdpr"
legal_basis = "the municipal act"
purpose = "public_safety"
recipients = ["operator"]
retention = "observations"
place_kinds = ["square"]
covers = ["square"]
ends = 2027-11-22
review = 2027-05-22
"""


def seal(message: bytes) -> bytes:
    """Return what stands for a signature here: 64 bytes that fit this message and the officer's key alone."""
    return hashlib.sha512(bytes.fromhex(KEY) + message).digest()


def fits(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether these bytes are that key's over that message."""
    return signature == hashlib.sha512(public_key + message).digest()


@cache
def frameworks() -> Frameworks:
    """Return the frameworks that ship."""
    return read_frameworks({name: (FOLDER / f"{name}.toml").read_text(encoding="utf-8") for name in FILES})


def part_of(manifest: str = MANIFEST, **settings: int) -> ToolPart:
    """Return the tool with its part of the assessment filled in."""
    own = {one.id: "as it is" for one in frameworks().questions() if one.filled_by is FilledBy.TOOL}
    return ToolPart(id=TOOL, manifest=read_manifest(manifest), answers=own, settings=settings or {"minimum_people": 10})


def configured(register: str = REGISTER, part: ToolPart | None = None, *, days: int = 30) -> Configured:
    """Return an installation with this register file."""
    return Configured(
        site="Testby",
        switched_on=(TOOL,),
        installed={TOOL: part or part_of()},
        register=read_site_register(register),
        days={"observations": days, "alerts": 180},
    )


def answers() -> list[Answer]:
    """Return an answer to every question of the city's part."""
    asked = [one for one in frameworks().questions() if one.filled_by is FilledBy.CITY]
    return [
        Answer(
            id=number,
            tool=SITE if one.scope is Scope.SITE else TOOL,
            question=one.id,
            text=one.example,
            who="kari",
            at=AT,
        )
        for number, one in enumerate(asked, 1)
    ]


def statements() -> list[Statement]:
    """Return a signed statement for every claim that wants one."""
    wanted = [one for one in frameworks().claims.values() if one.valid_for]
    made = [
        Statement(
            id=number,
            tool=SITE if one.scope is Scope.SITE else TOOL,
            about=one.id,
            text="done on Monday",
            who="kari",
            at=AT,
            expires_at=AT + (one.valid_for or timedelta(0)),
            public_key=bytes.fromhex(KEY),
            signature=b"",
        )
        for number, one in enumerate(wanted, 1)
    ]
    return [replace(one, signature=seal(statement_document(one, "Testby"))) for one in made]


def backing(told: list[Statement] | None = None, officers: tuple[Officer, ...] | None = None) -> Backing:
    """Return what claims are judged from, without probes."""
    return Backing(
        site="Testby",
        probes={},
        statements=statements() if told is None else told,
        officers=configured().register.officers if officers is None else officers,
        verify=fits,
    )


def assessed(
    given: list[Answer] | None = None,
    told: list[Statement] | None = None,
    part: ToolPart | None = None,
    at: datetime = AT,
) -> Signed:
    """Return what the assessment comes to."""
    gaps = open_statements(frameworks(), TOOL, backing(told), at=at)
    return assess(frameworks(), part or part_of(), answers() if given is None else given, gaps)


def signing(about: Configured | None = None, assessment: Signed | None = None, **changes: object) -> Signing:
    """Return kari's signature under what is configured."""
    now, signed = about or configured(), assessment or assessed()
    entry = entry_of(now, TOOL)
    draft = Signing(
        id=1,
        tool=TOOL,
        officer="kari",
        public_key=bytes.fromhex(KEY),
        signature=b"",
        at=AT,
        entry_hash=entry_hash(entry),
        assessment_hash=signed.hash,
        is_exercise=False,
        facts=material(entry),
        answers=dict(signed.answers),
    )
    draft = replace(draft, **changes)  # type: ignore[arg-type]  # fields of a signing, as each test names them
    return replace(draft, signature=seal(document_of(draft, now.site)))


def judged(
    about: Configured | None = None,
    *,
    assessment: Signed | None = None,
    signings: tuple[Signing, ...] | None = None,
    at: datetime = AT,
) -> Judgement:
    """Judge the tool; what is not given is complete and signed."""
    case = Case(assessment=assessment or assessed(at=at), signings=(signing(),) if signings is None else signings)
    return judge(about or configured(), TOOL, case, at=at, verify=fits)


def without(register: str, key: str) -> str:
    """Return the register file without the line of a key."""
    kept = [line for line in register.splitlines() if not line.startswith(f"{key} =")]
    assert len(kept) < len(register.splitlines()), key
    return "\n".join(kept)


def lines_of(register: str) -> Mapping[str, str]:
    """Return each key of a register file with its line."""
    return {line.partition(" =")[0]: line for line in register.splitlines() if " =" in line}
