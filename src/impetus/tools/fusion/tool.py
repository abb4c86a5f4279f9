"""Glue: a finding and recent alerts in, an alert out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from impetus.core.alert import Alert
from impetus.core.finding import Finding
from impetus.core.observation import Catalogue
from impetus.core.tool import Joined, Setting
from impetus.tools.fusion import detect
from impetus.tools.fusion.config import Config, from_settings


class Tool:
    """Fusion. It remembers nothing itself: the alerts it may join to are handed to it."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue | None = None) -> Self:
        """Build the tool; unknown or out-of-range settings raise `Misconfigured`. The catalogue is not needed."""
        del catalogue
        return cls(from_settings(settings))

    def fingerprint(self, finding: Finding) -> str:
        """Return the identity by which repeats of this finding are counted."""
        return detect.fingerprint(finding)

    def horizon_s(self) -> float:
        """Return how many seconds back alerts can still be joined to."""
        return detect.horizon_s(self.config)

    def join(self, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
        """Decide what a finding becomes."""
        return detect.join(self.config, finding, recent, at=at)
