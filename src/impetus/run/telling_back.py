"""How a hosted tool is told what people decided and what is planned: asked now and then, handed over between readings.

Only a tool that offers to learn is told. Where it stands is kept with its snapshot, so that a killed tool is told again
exactly what its snapshot does not know yet. What goes wrong is noted on the board and costs no finding.
"""

import logging
from dataclasses import dataclass, field

from impetus.core.errors import ImpetusError
from impetus.core.ids import ToolId
from impetus.core.observation import from_us, to_us
from impetus.core.tool import Learns, Plans, SensingTool, Window
from impetus.desk.context import Desk
from impetus.desk.tell_tool import decided, planned

EVERY_S = 30.0
"""Seconds between two looks: nobody waits for it. House rule."""

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class TellingBack:
    """Tells one tool; `told_us` is up to when it was told, `remark` what went wrong the last time. Mutable."""

    tool: ToolId
    told_us: int = 0
    remark: str = ""
    _looked_s: float = field(default=-EVERY_S)
    _windows: tuple[Window, ...] | None = None

    def look(self, desk: Desk, tool: SensingTool, *, now_s: float) -> None:
        """Tell what is new, when it is time; `now_s` is monotonic. Raises nothing."""
        if now_s - self._looked_s < EVERY_S or not isinstance(tool, Learns | Plans):
            return
        self._looked_s = now_s
        try:
            self._tell(desk, tool)
            self.remark = ""
        except ImpetusError as error:
            self.remark = f"verdicts not told: {error.detail}"[:200]
        except Exception as error:  # a tool may raise anything, and what it is told is no reading
            if not self.remark:
                log.exception("%s cannot be told what people decided", self.tool)
            self.remark = f"verdicts not told: {error!r}"[:200]

    def _tell(self, desk: Desk, tool: SensingTool) -> None:
        at_us = to_us(desk.clock.now())
        if isinstance(tool, Learns):
            verdicts = decided(desk, self.tool, from_us(self.told_us))
            if verdicts:
                tool.judged(verdicts)
            self.told_us = at_us
        if isinstance(tool, Plans) and (windows := planned(desk, self.tool)) != self._windows:
            tool.planned(windows)
            self._windows = windows
