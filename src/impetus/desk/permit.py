"""The desk's door: every use case asks here first, and here the asking is logged."""

from impetus.core.access import Use
from impetus.core.actor import Actor
from impetus.desk.context import Desk
from impetus.ethics import guard


def permit(desk: Desk, actor: Actor | None, operation: str, *, on: str = "", use: Use | None = None) -> None:
    """Return when the actor may, else raise: `Unauthenticated` for nobody, `Refused` naming the rule and who may.

    `on` is what it is about, `kind:id`. `use` says what personal data is wanted for; None when there is none in it.
    """
    del desk, on, use
    guard.permit(actor, operation)
