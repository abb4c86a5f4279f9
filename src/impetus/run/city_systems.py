"""The part that looks after what was set in the city and after warnings on their way out; the role is `effects`.

It does nothing but this, each second, so that the end of an effect waits for no other work; killed, it goes on where the
store says. No stop ends it: what it does leads to the safe state.
"""

from impetus.core.errors import NotNow
from impetus.desk.effect_reading import overdue
from impetus.desk.take_back import tend_effects
from impetus.desk.warning_release import tend_warnings
from impetus.run.heartbeat import Heart
from impetus.settings import Settings
from impetus.wiring import open_desk

TEND_S = 1.0


def run(settings: Settings, heart: Heart) -> None:
    """Tend until told to stop."""
    desk = open_desk(settings)
    try:
        while not heart.stopping.is_set():
            try:
                tended = tend_effects(desk) + tend_warnings(desk)
                heart.beat(rate_per_s=float(tended), note=desk.outside.city.fault() or overdue(desk))
            except NotNow as error:
                heart.beat(note=error.detail)
            heart.stopping.wait(TEND_S)
    finally:
        desk.close()
