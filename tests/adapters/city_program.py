"""Authorised actions for tests of devices: made by people at a gate, as everywhere."""

from datetime import timedelta

from desk.city_samples import city_room
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.ports.effects import Outcome
from impetus.testing.city import MemoryDevice


def authorised_action(words: str = "leave by E2", *, minutes: float = 30) -> Authorised[Action]:
    """Return what people agreed to, as a device is given it."""
    room, given = city_room(), list[Authorised[Action]]()

    class Keeping(MemoryDevice):
        """A device that keeps what it was given."""

        def perform(self, authorised: Authorised[Action]) -> Outcome:
            """Keep it."""
            given.append(authorised)
            return Outcome(succeeded=True)

    room.desk.outside.city.links[room.sign.device.id] = Keeping(room.sign.device)  # type: ignore[attr-defined]  # in memory
    room.approve(room.propose(words, until=(room.now + timedelta(minutes=minutes)).isoformat()))
    return given[0]
