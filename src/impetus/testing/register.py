"""A configuration in memory: what a test says is configured."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from impetus.core.errors import ImpetusError
from impetus.core.register import Configured, SiteFacts, ToolPart
from impetus.ethics.site_register import read_site_register


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
