"""A configuration in memory: what a test says is configured."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from impetus.adapters.installed_tools import InstalledTool
from impetus.core.actor import console
from impetus.core.assessment import FilledBy
from impetus.core.errors import ImpetusError
from impetus.core.manifest import Declaration
from impetus.core.register import Configured, Officer, SiteFacts, ToolPart
from impetus.demo.exercise_register import make_exercise, sign_by, state_all
from impetus.desk.context import Desk
from impetus.desk.frameworks import frameworks
from impetus.ethics.framework import SITE
from impetus.ethics.site_register import read_site_register, write_site_register

PLAIN = Declaration(
    fields=("result",),
    categories=("none",),
    subjects=("none",),
    acts={"gdpr": "none is needed"},
    recipients=("operator",),
    transfers=("none",),
    model="a tool of a test",
)
"""What a tool of a test declares when its manifest says nothing."""

REAL = "test.officer"


@dataclass(slots=True)
class MemoryConfiguration:
    """Port `Configuration` over values; `facts` and `parts` may be replaced at any time, as files may."""

    facts: SiteFacts = field(default_factory=lambda: SiteFacts(site="Impetus"))
    parts: Mapping[str, ToolPart] = field(default_factory=dict)
    text: str = ""

    def read(self) -> Configured:
        """Return what is configured; a register text that cannot be read is its fault."""
        made = Configured(
            site=self.facts.site,
            switched_on=self.facts.switched_on,
            installed=self.parts,
            days=self.facts.days,
            is_exercise=self.facts.is_exercise,
            listens=self.facts.listens,
        )
        try:
            return replace(made, register=read_site_register(self.text))
        except ImpetusError as error:
            return replace(made, fault=f"a register file that can be read: {error}")

    def stamp(self) -> str:
        """Return a text of everything."""
        return repr((self.facts, self.parts, self.text))

    def register_text(self) -> str:
        """Return the register file's text."""
        return self.text

    def write_register(self, text: str) -> None:
        """Replace it."""
        self.text = text


def clear(desk: Desk, *tools: InstalledTool, is_real: bool = False) -> None:
    """Let the register of a desk in memory clear these tools: entries, answers, statements and signatures are made.

    As an exercise, unless `is_real`: then by an officer of the test, for whom all input is real. A tool that declares nothing, or ships no part of an assessment, gets one that says so. Cheap enough for each test (some 20 ms).
    """
    configuration = configuration_of(desk)
    for tool in tools:
        if tool.manifest is None:
            raise TypeError(f"{tool.id} is broken: {tool.fault}")
        asked = [question.id for question in frameworks().questions() if question.filled_by is FilledBy.TOOL]
        declares = tool.manifest.declares if tool.manifest.declares.fields else PLAIN
        manifest = replace(tool.manifest, declares=declares)
        part = ToolPart(id=tool.id, manifest=manifest, answers=dict.fromkeys(asked, "a tool of a test"))
        configuration.parts = {**configuration.parts, tool.id: part}
    configuration.facts = replace(
        configuration.facts,
        switched_on=tuple(configuration.parts),
        is_exercise=True,
        days={"observations": 30, "alerts": 180, "evidence": 180, "quarantine": 14},
    )
    make_exercise(desk, console())
    if is_real:
        _sign_for_real(desk, configuration)


def _sign_for_real(desk: Desk, configuration: MemoryConfiguration) -> None:
    """Let an officer who is none of an exercise state and sign all of it again."""
    configuration.facts = replace(configuration.facts, is_exercise=False)
    register = configuration.read().register
    officer = Officer(name=REAL, office="officer of a test", public_key=desk.signatures.public_key(REAL).hex())
    configuration.text = write_site_register(replace(register, officers=(officer,)))
    with desk.store.write() as unit:
        for statement in unit.register.statements(SITE):
            unit.register.strike_statement(statement.id, desk.clock.now(), REAL)
        for tool in configuration.parts:
            for statement in unit.register.statements(tool):
                unit.register.strike_statement(statement.id, desk.clock.now(), REAL)
        state_all(desk, unit, tuple(configuration.parts), REAL, REAL)
    for tool in configuration.parts:
        sign_by(desk, console(), tool, REAL, REAL)


def configuration_of(desk: Desk) -> MemoryConfiguration:
    """Return the configuration of a desk in memory, to be changed."""
    if not isinstance(desk.configuration, MemoryConfiguration):
        raise TypeError("this desk has real files")
    return desk.configuration
