"""Units as people write them; see `impetus.core.units`."""

from impetus.core.units import written as written
