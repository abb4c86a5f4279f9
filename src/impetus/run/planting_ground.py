"""The ground marks are planted in: a scratch installation, its marks, and what they lie in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from impetus.desk.context import Desk
from impetus.run.marks import Marks


@dataclass(slots=True)
class Field:
    """Where marks are planted: a desk, its home, and what the marks under a hold are planted in."""

    desk: Desk
    home: Path
    marks: Marks
    subjects: set[str] = field(default_factory=set)
    blobs: dict[str, str] = field(default_factory=dict)
    """Evidence and the mark inside, which only opening it shows."""

    @property
    def at(self) -> datetime:
        """Return the time by the desk's clock."""
        return self.desk.clock.now()

    def text(self, *, held: bool) -> Callable[[], str]:
        """Return what makes the next text mark, for one word in each place."""
        return partial(self.marks.text, held=held)
