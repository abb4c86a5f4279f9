"""No cameras: what an installation has until some are connected."""

from collections.abc import Sequence
from datetime import datetime

from impetus.core.errors import Unknown
from impetus.core.picture import CameraSight, Frame


class NoMedia:
    """Port `Media` without a camera."""

    def cameras(self) -> Sequence[CameraSight]:
        """Return none."""
        return ()

    def frame(self, camera: str, at: datetime) -> Frame:
        """Raise `Unknown`."""
        raise Unknown(
            f"there is no camera {camera[:80]} ({at:%H:%M:%S})",
            value=camera,
            remedy="this installation has no cameras connected",
        )
