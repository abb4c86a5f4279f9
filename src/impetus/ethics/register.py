"""The register's judgement: whether a signature covers what is configured now, and if not, what stops the tool.

An officer signs the hashes of a tool's entry (`ethics/entry.py`) and of its assessment together. `judge` compares what is
configured now with what was signed, and names what is missing and what changed, fact by fact.

What it does not do: read files, clocks or keys. Verification of a signature is handed in; everything unreadable fails
closed.

**Source**: GDPR, articles 5(2), 24, 30 and 35; Directive (EU) 2016/680, articles 24 and 27; AI Act, articles 26 and 27.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from impetus.core.register import (
    Change,
    Configured,
    EntryState,
    Missing,
    Officer,
    RuleRef,
    Signing,
)
from impetus.ethics.entry import (
    CITY,
    Entry,
    canonical,
    entry_hash,
    entry_of,
    gap,
    material,
    overdue,
    sha256_of,
    undeclared,
)

DOCUMENT = "impetus-register-signature-1"
"""The kind of document an officer signs; a key used for it signs nothing else under this name."""
SIGNER = "an officer of the register: the data protection officer or an executive"

Verify = Callable[[bytes, bytes, bytes], bool]
"""`(public key, signature, message)` to whether it is that key's signature; false for anything unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What an assessment comes to for the gate: a short hash of each answer, and what its mandatory part still lacks."""

    answers: Mapping[str, str]
    missing: tuple[Missing, ...] = ()

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the answers."""
        return sha256_of(self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What lies before the gate about one tool beside its entry: assessment, signatures oldest first, prohibitions."""

    assessment: Signed
    signings: Sequence[Signing] = ()
    refusals: Sequence[RuleRef] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a tool stands: its state, what is missing, what changed since it was signed, and by whose signature it runs."""

    state: EntryState
    missing: tuple[Missing, ...] = ()
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: RuleRef | None = None
    signing: Signing | None = None

    @property
    def is_cleared(self) -> bool:
        """Say whether the tool may run now."""
        return self.state in {EntryState.RUNNING, EntryState.EXERCISE}

    def why(self) -> str:
        """Say in one line why it does not run, empty when it does."""
        if self.is_cleared:
            return ""
        if self.refusal:
            return f"refused: {self.refusal.rule}, {self.refusal.article}: {self.refusal.why}"
        if self.changes and self.state is EntryState.STALE:
            said = "; ".join(change.say() for change in self.changes)
            return f"stale: {said}; needs a new signature ({SIGNER})"
        if self.missing:
            rest = len(self.missing) - 1
            return f"missing: {self.missing[0].say()}{f' and {rest} more' if rest else ''}"
        return self.state.value


def digest_answers(answers: Mapping[str, str]) -> dict[str, str]:
    """Return 16 hexadecimal digits of SHA-256 for each answer, so that a change can be named and its text is not kept."""
    return {question: hashlib.sha256(text.encode()).hexdigest()[:16] for question, text in answers.items() if text}


def document_of(signing: Signing, site: str) -> bytes:
    """Return the bytes an officer signs: canonical JSON, UTF-8, keys sorted, no spaces; `at` to the second, UTC."""
    return canonical(
        {
            "type": DOCUMENT,
            "site": site,
            "tool": signing.tool,
            "entry": signing.entry_hash,
            "assessment": signing.assessment_hash,
            "officer": signing.officer,
            "at": signing.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "exercise": signing.is_exercise,
        }
    ).encode()


def missing(
    entry: Entry, assessment: Signed, signings: Sequence[Signing], officers: Sequence[Officer], verify: Verify
) -> tuple[Missing, ...]:
    """Return everything that is missing for a start: fields, answers, and last the signature."""
    gaps = (*undeclared(entry), *assessment.missing)
    if any(counts(signing, entry.site, officers, verify) == "" for signing in signings):
        return gaps
    because = next((counts(signing, entry.site, officers, verify) for signing in reversed(signings)), "")
    what = f"a signature that counts: {because}" if because else "a signature under entry and assessment"
    how = f"impetus register sign {entry.part.id} --as NAME, or the register's page"
    return (*gaps, Missing(field="signature", what=what, who_may_supply=SIGNER, how=how))


def judge(configured: Configured, tool: str, case: Case, *, at: datetime, verify: Verify) -> Judgement:
    """Say how a tool stands at this time. Prohibition goes before everything, then being off, gaps, term, staleness."""
    entry, officers, assessment = entry_of(configured, tool), configured.register.officers, case.assessment
    if case.refusals:
        return Judgement(state=EntryState.REFUSED, refusal=case.refusals[0])
    if tool not in configured.switched_on:
        return Judgement(state=EntryState.OFF)
    if configured.fault:
        wrong = gap("register", configured.fault, CITY, "mend register.toml")
        return Judgement(state=EntryState.BLOCKED, missing=(wrong,))
    standing = [one for one in case.signings if not counts(one, entry.site, officers, verify)]
    current = [one for one in standing if _covers(one, entry, assessment)]
    gaps = (*missing(entry, assessment, case.signings, officers, verify), *overdue(entry, at))
    if not gaps and current:
        return _cleared(configured, entry, current, at)
    if standing and not current:
        changes = _changes(standing[-1], entry, assessment)
        return Judgement(state=EntryState.STALE, missing=gaps, changes=changes, signing=standing[-1])
    return Judgement(state=EntryState.BLOCKED, missing=gaps, signing=current[-1] if current else None)


def counts(signing: Signing, site: str, officers: Sequence[Officer], verify: Verify) -> str:
    """Return why a signature does not count, empty when it does: named officer, the officer's key, not withdrawn, true."""
    officer = next((one for one in officers if one.name == signing.officer), None)
    if signing.withdrawn_at is not None:
        return f"{signing.withdrawn_by or signing.officer} withdrew it on {signing.withdrawn_at:%Y-%m-%d}"
    if officer is None:
        return f"{signing.officer} is not an officer of the register"
    if officer.public_key != signing.public_key.hex():
        return f"it was made with a key that is not {signing.officer}'s in the register"
    if officer.is_exercise and not signing.is_exercise:
        return f"{signing.officer} is an officer of exercises and signed for real"
    return (
        ""
        if verify(signing.public_key, signing.signature, document_of(signing, site))
        else "the signature does not fit what is kept"
    )


def _cleared(configured: Configured, entry: Entry, current: Sequence[Signing], at: datetime) -> Judgement:
    """Return the judgement of a complete entry: a real signature clears, an exercise one only where exercises are held."""
    review = entry.said.review
    is_late = review is not None and at.date() > review
    warnings = (f"the review of {review} is overdue",) if is_late else ()
    real = [one for one in current if not one.is_exercise]
    if real:
        return Judgement(state=EntryState.RUNNING, signing=real[-1], warnings=warnings)
    if configured.is_exercise:
        return Judgement(state=EntryState.EXERCISE, signing=current[-1], warnings=warnings)
    real_one = Missing(
        field="signature",
        what="a signature that is not an exercise: this installation has real input",
        who_may_supply=SIGNER,
        how=f"impetus register sign {entry.part.id} --as NAME",
    )
    return Judgement(state=EntryState.BLOCKED, missing=(real_one,), signing=current[-1])


def _covers(signing: Signing, entry: Entry, assessment: Signed) -> bool:
    return signing.entry_hash == entry_hash(entry) and signing.assessment_hash == assessment.hash


def _changes(signing: Signing, entry: Entry, assessment: Signed) -> tuple[Change, ...]:
    """Return what is not as it was signed, fact by fact; answers are named, not quoted."""
    now = material(entry)
    facts = [name for name in {**signing.facts, **now} if signing.facts.get(name, "") != now.get(name, "")]
    answers = sorted(
        name
        for name in {*signing.answers, *assessment.answers}
        if signing.answers.get(name) != assessment.answers.get(name)
    )
    changed = [Change(fact=name, old=signing.facts.get(name, ""), new=now.get(name, "")) for name in facts]
    changed += [Change(fact=f"the answer to {name}", old="as signed", new="another text") for name in answers]
    return tuple(changed) or (Change(fact="what is kept of the signature", old="as signed", new="something else"),)
