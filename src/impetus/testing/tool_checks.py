"""The checks of the conformance suite, run in a process of their own: `python -m impetus.testing.tool_checks ORDERS`.

Each check is a function that yields what is wrong; its first sentence is the rule. Progress goes to stdout as JSON lines,
see `check_tool.py`, which starts this and listens.
"""

import hashlib
import json
import math
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from impetus.adapters.envelope import JsonCodec
from impetus.core.errors import ImpetusError, Misconfigured
from impetus.core.finding import Finding
from impetus.core.manifest import Manifest, Senses
from impetus.core.observation import Batch, Catalogue
from impetus.core.tool import SensingTool
from impetus.run.tool_host import MAX_ROWS
from impetus.run.tools import InstalledTool, find_tool
from impetus.testing.joiner_checks import JOINING
from impetus.testing.tool_samples import (
    LATE_STREAMS,
    Step,
    by_day,
    hostile_steps,
    joined,
    large_step,
    sample_catalogue,
    sample_steps,
)
from impetus.testing.tool_watch import Watch

FILES = (
    "manifest.toml",
    "assessment.toml",
    "config.py",
    "detect.py",
    "tool.py",
    "explain.py",
    "evaluate.py",
    "card.md",
)
MAX_GLUE_LINES = 150
"""Lines of `tool.py`, from the architecture: glue that grows hides the idea."""
MAX_SECONDS = 2.0
ATTEMPTS = 3
"""The fastest of so many calls counts: a busy machine is no fault of the tool."""
MAX_FAULTS = 5
"""Faults told per check; the rest say the same."""
EXPLAINED = 200
"""Findings explained per check."""
INTERRUPTIONS = 37
"""How often a run is interrupted by a snapshot or a new catalogue; a prime, so that it falls in step with nothing."""
CODEC = JsonCodec()


@dataclass(slots=True, kw_only=True)
class Subject:
    """The tool under test and its input."""

    installed: InstalledTool
    manifest: Manifest
    factory: type[SensingTool]
    catalogue: Catalogue
    steps: Sequence[Step]
    digest: str = ""
    told: list[Finding] | None = None

    def fresh(self, catalogue: Catalogue | None = None) -> SensingTool:
        """Return a new instance."""
        return self.factory.create({}, self.catalogue if catalogue is None else catalogue)

    def findings(self) -> list[Finding]:
        """Return what the first fresh tool said to the sample; asked once."""
        if self.told is None:
            self.told = said(self.fresh(), self.steps)
        return self.told


def said(tool: SensingTool, steps: Sequence[Step]) -> list[Finding]:
    """Return what a tool says to steps, with a tick after each; it is handed copies."""
    findings: list[Finding] = []
    for batch, at in steps:
        findings += tool.observe(_copy(batch), at=at)
        findings += tool.tick(at=at)
    return findings


def _copy(batch: Batch) -> Batch:
    return Batch(datastream=batch.datastream.copy(), time_us=batch.time_us.copy(), result=batch.result.copy())


def _read(findings: Sequence[Finding]) -> list[str]:
    """Return findings as text that is equal exactly when they are."""
    return [repr((finding, sorted(finding.facts.items()))) for finding in findings]


def has_its_files(subject: Subject) -> Iterator[str]:
    """Hold the files every tool holds, so that a reader knows where to look."""
    directory = subject.installed.directory
    for name in FILES:
        if directory is None or not (directory / name).is_file():
            yield f"{name} is missing"
    glue = directory / "tool.py" if directory else None
    if glue and glue.is_file() and (lines := len(glue.read_text(encoding="utf-8").splitlines())) > MAX_GLUE_LINES:
        yield f"tool.py has {lines} lines, more than {MAX_GLUE_LINES}"


def has_a_sound_manifest(subject: Subject) -> Iterator[str]:
    """Declare what is emitted, and for which purpose."""
    if not subject.manifest.emits:
        yield "emits.kinds is empty"
    if not subject.manifest.purposes:
        yield "ethics.purposes is empty"


def refuses_unknown_settings(subject: Subject) -> Iterator[str]:
    """Refuse settings it does not know, by `Misconfigured`."""
    try:
        subject.factory.create({"no_such_setting": 1}, subject.catalogue)
    except Misconfigured:
        return
    yield "create accepted the setting no_such_setting"


def speaks(subject: Subject) -> Iterator[str]:
    """Say something about the sample, or nothing of the rest can be checked."""
    if not subject.findings():
        yield "no finding on the suite's input; ship a module sample with catalogue() and batches() on which there is one"


def emits_only_what_it_declares(subject: Subject) -> Iterator[str]:
    """Return findings of its own id and declared kinds, about declared datastreams, that can be sent."""
    for finding in subject.findings():
        if finding.tool != subject.manifest.id:
            yield f"finding {finding.key} is of tool {finding.tool}"
        if finding.kind not in subject.manifest.emits:
            yield f"finding {finding.key} is of kind {finding.kind}, which the manifest does not declare"
        if unknown := [one for one in finding.datastreams if one not in subject.catalogue.datastreams]:
            yield f"finding {finding.key} names undeclared datastreams {unknown}"
        if finding.severity.value == "extreme":
            yield f"finding {finding.key} is extreme: only a person calls anything extreme"


def leaves_its_input_alone(subject: Subject) -> Iterator[str]:
    """Change nothing in what it is given."""
    tool = subject.fresh()
    for batch, at in subject.steps:
        given = _copy(batch)
        tool.observe(given, at=at)
        same = (given.datastream == batch.datastream).all() and (given.time_us == batch.time_us).all()
        if not same or given.result.tobytes() != batch.result.tobytes():
            yield f"observe changed its input at {at}"
            return


def is_deterministic(subject: Subject) -> Iterator[str]:
    """Say the same to the same input, in every process."""
    first, second = _read(subject.findings()), _read(said(subject.fresh(), subject.steps))
    if first != second:
        yield "two instances said different things to the same input"
    subject.digest = hashlib.sha256("\n".join(first).encode()).hexdigest()


def has_unique_keys(subject: Subject) -> Iterator[str]:
    """Give each finding a key of its own, the same each time."""
    keys = [finding.key for finding in subject.findings()]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"key {key} was given {keys.count(key)} times"
    if keys != [finding.key for finding in said(subject.fresh(), subject.steps)]:
        yield "keys differ between two runs"


def survives_hostile_input(subject: Subject) -> Iterator[str]:
    """Come through empty, late, doubled, unordered, future, NaN, infinite and undeclared readings, and still speak."""
    tool = subject.fresh()
    for batch, at in hostile_steps(subject.steps):
        for finding in tool.observe(_copy(batch), at=at):
            yield from _unsendable(finding, tool)
            if any(one not in subject.catalogue.datastreams for one in finding.datastreams):
                yield f"finding {finding.key} is about an undeclared datastream"
        tool.tick(at=at)
    if subject.findings() and not said(tool, subject.steps):
        yield "after hostile input the tool no longer says anything"


def learns_a_changed_catalogue(subject: Subject) -> Iterator[str]:
    """Take in new datastreams without forgetting the old, begin without any, and come through withdrawn ones."""
    larger = dict(
        sample_catalogue(subject.manifest, count=max(subject.catalogue.datastreams, default=0) + 3).datastreams
    )
    tool, parts = subject.fresh(), list[Finding]()
    for step in _parts(subject.steps):
        parts += said(tool, step)
        tool.learn(
            Catalogue(
                version=subject.catalogue.version + len(parts) + 1,
                datastreams={**larger, **subject.catalogue.datastreams},
            )
        )
    if _read(parts) != _read(subject.findings()):
        yield "new datastreams that never sent anything changed what it said about the others"
    few = dict(list(subject.catalogue.datastreams.items())[:-LATE_STREAMS])
    tool = subject.fresh(Catalogue())
    for catalogue in (Catalogue(version=1, datastreams=few), subject.catalogue, Catalogue(version=99)):
        said(tool, subject.steps[-50:])
        tool.learn(catalogue)
    if findings := [finding for finding in said(tool, subject.steps[-50:]) if finding.ended is None]:
        yield f"finding {findings[0].key} is about datastreams that were withdrawn"


def resumes_from_its_snapshot(subject: Subject) -> Iterator[str]:
    """Pickle at any moment, and go on as if nothing had happened."""
    tool, parts, whole = subject.fresh(), list[Finding](), subject.findings()
    for step in _parts(subject.steps):
        parts += said(tool, step)
        tool = pickle.loads(pickle.dumps(tool))  # noqa: S301  # pickled on this very line
    if _read(parts) != _read(whole):
        yield f"said {len(parts)} findings with snapshots in between, {len(whole)} without, or different ones"


def _parts(steps: Sequence[Step]) -> list[Sequence[Step]]:
    """Cut steps into parts of no round length, so that cuts fall within events too."""
    length = len(steps) // INTERRUPTIONS + 1
    return [steps[first : first + length] for first in range(0, len(steps), length)]


def never_looks_ahead(subject: Subject) -> Iterator[str]:
    """Say nothing about a moment that what comes later could change."""
    days = by_day(subject.steps)
    whole = said(subject.fresh(), days)
    per_day = len(subject.steps) // len(days)
    for hour in (2, 4, 12, 15, 17, 23):
        cut = (len(days) - 1) * per_day + per_day * hour // 24
        short = said(subject.fresh(), [*days[:-1], joined(subject.steps[(len(days) - 1) * per_day : cut])])
        missing = {finding.key for finding in short} - {finding.key for finding in whole}
        if missing:
            yield f"with the stream cut at hour {hour} it said {min(missing)}, with more to come it did not"


def stops_within_two_seconds(subject: Subject) -> Iterator[str]:
    """Come back from the largest call a host makes within two seconds, so that it can be stopped."""
    tool = subject.fresh()
    said(tool, subject.steps)
    batch, at = large_step(subject.catalogue, MAX_ROWS)
    fastest_s = math.inf
    for _ in range(ATTEMPTS):
        began_s = time.process_time()
        pickle.loads(pickle.dumps(tool)).observe(_copy(batch), at=at)  # noqa: S301  # pickled on this very line
        fastest_s = min(fastest_s, time.process_time() - began_s)
        if fastest_s <= MAX_SECONDS:
            return
    yield f"observe took {fastest_s:.1f} s for {MAX_ROWS} readings"


def explains_every_finding(subject: Subject) -> Iterator[str]:
    """Give evidence for every finding it returns: series of equal columns with the coverage of their band."""
    tool, left = subject.fresh(), EXPLAINED
    for batch, at in subject.steps:
        for finding in [*tool.observe(_copy(batch), at=at), *tool.tick(at=at)]:
            if left:
                left -= 1
                yield from _unsendable(finding, tool)


def _unsendable(finding: Finding, tool: SensingTool) -> Iterator[str]:
    """Say why a finding with its evidence could not be sent."""
    evidence = tool.explain(finding)
    if evidence.finding != finding.key:
        yield f"the evidence for {finding.key} is about {evidence.finding}"
        return
    if not evidence.summary.say().strip() or not finding.headline.say().strip() or not finding.why.say().strip():
        yield f"finding {finding.key} or its evidence has no words"
    for phrase in (finding.headline, finding.why, evidence.summary):
        if "{" in phrase.say():
            yield f"finding {finding.key} leaves a gap: {phrase.say()!r}"
    try:
        CODEC.encode_finding(finding, evidence)
    except ImpetusError as error:
        yield f"finding {finding.key} cannot be sent: {error.detail}"


def touches_nothing_outside(subject: Subject) -> Iterator[str]:
    """Open no file, socket, process or thread, read no clock and draw no chance while it works."""
    said(subject.fresh(), subject.steps[:300])
    watch = Watch()
    watch.install(subject.installed.package)
    tool = subject.fresh()
    for batch, at in subject.steps:
        given = _copy(batch)
        with watch.watching():
            findings = [*tool.observe(given, at=at), *tool.tick(at=at)]
            for finding in findings[:3]:
                tool.explain(finding)
    with watch.watching():
        tool.learn(subject.catalogue)
    yield from sorted(watch.touched)


SENSING: tuple[Callable[[Subject], Iterator[str]], ...] = (
    has_its_files,
    has_a_sound_manifest,
    refuses_unknown_settings,
    speaks,
    emits_only_what_it_declares,
    leaves_its_input_alone,
    is_deterministic,
    has_unique_keys,
    explains_every_finding,
    survives_hostile_input,
    learns_a_changed_catalogue,
    resumes_from_its_snapshot,
    never_looks_ahead,
    stops_within_two_seconds,
    touches_nothing_outside,
)
"""In this order; the last changes the process it runs in."""


def _subject(installed: InstalledTool, manifest: Manifest) -> Subject:
    catalogue = sample_catalogue(manifest)
    steps: Sequence[Step] = ()
    if find_spec(f"{installed.package}.sample") is not None:
        sample = import_module(f"{installed.package}.sample")
        catalogue, steps = sample.catalogue(), sample.batches()
    return Subject(
        installed=installed,
        manifest=manifest,
        factory=installed.factory(),
        catalogue=catalogue,
        steps=steps or sample_steps(catalogue),
    )


def _tell(**words: object) -> None:
    sys.__stdout__.write(json.dumps(words) + "\n")  # type: ignore[union-attr]  # a child of check_tool has a stdout
    sys.__stdout__.flush()  # type: ignore[union-attr]  # as above


def _run(subject: Subject, check: Callable[[Subject], Iterator[str]]) -> None:
    """Run one check and tell what it found; whatever it raises is a fault of the tool."""
    name = check.__name__
    _tell(word="begin", check=name)
    subject.digest, count = "", 0
    try:
        for detail in check(subject):
            count += 1
            if count <= MAX_FAULTS:
                _tell(word="fault", check=name, detail=detail)
    except Exception as error:  # noqa: BLE001  # a tool may raise anything; that is what is being looked for
        _tell(word="fault", check=name, detail=f"raised {error!r}")
    if subject.digest:
        _tell(word="digest", check=name, digest=subject.digest)


def main(orders: Mapping[str, object]) -> None:
    """Run the checks that were ordered."""
    skip, only = _names(orders.get("skip")), _names(orders.get("only"))
    installed = find_tool(str(orders["tool"]))
    if installed.manifest is None:
        _tell(word="begin", check="has_a_sound_manifest")
        _tell(word="fault", check="has_a_sound_manifest", detail=installed.fault)
        _tell(word="complete")
        return
    sensing = installed.manifest.senses is Senses.OBSERVATIONS
    subject = _subject(installed, installed.manifest)
    for check in SENSING if sensing else (has_its_files, has_a_sound_manifest, refuses_unknown_settings, *JOINING):
        if check.__name__ not in skip and (not only or check.__name__ in only):
            _run(subject, check)
    _tell(word="complete")


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
