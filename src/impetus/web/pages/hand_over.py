"""The hand-over: who has the watch, everything open, and the read-back item by item."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from impetus.core.ids import HandOverId
from impetus.core.text import Phrase
from impetus.desk import hand_over, on_call_desk
from impetus.ethics.guard import Operation, may
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=12_000)]


@router.get("/hand-over")
def show_watch(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Show who has the watch, and the hand-over that is being read."""
    may_write = may(actor, Operation.SHIFTS_WRITE)
    people = on_call_desk.people(desk, actor) if may_write else ()
    view = hand_over.watch_view(desk, actor)
    return page(request, "hand_over.html", actor=actor, view=view, people=people, may_write=may_write)


@router.get("/hand-over/{number}")
def show_past(request: Request, desk: TheDesk, actor: Person, number: Id) -> Response:
    """Show one hand-over as it was read."""
    view = hand_over.hand_over_view(desk, actor, HandOverId(number))
    return page(request, "hand_over_past.html", actor=actor, given=view)


@router.post("/hand-over/begin")
def begin(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Begin a shift at a watch that nobody has."""

    def act() -> Done:
        hand_over.begin_shift(desk, actor)
        return Done(said=Phrase(template=N_("You have the watch")), back="/hand-over")

    return perform(request, act)


@router.post("/hand-over/give")
def give(request: Request, desk: TheDesk, actor: Person, to: Words, expectations: Words = "") -> Response:
    """Give the shift to somebody."""

    def act() -> Done:
        given = hand_over.give(desk, actor, to=to, expectations=expectations.splitlines())
        said = Phrase(
            template=N_("{to} reads back {count} items now"),
            values={"to": given.hand_over.taker, "count": len(given.items)},
        )
        return Done(said=said, back="/hand-over")

    return perform(request, act)


@router.post("/hand-over/items/{item}/read")
def read_item(request: Request, desk: TheDesk, actor: Person, item: Id, read_back: Words = "") -> Response:
    """Read one item back."""

    def act() -> Done:
        view = hand_over.read_item(desk, actor, item, read_back=read_back)
        said = Phrase(template=N_("Read back; {count} to go"), values={"count": view.unread})
        return Done(said=said, back="/hand-over#next")

    return perform(request, act)


@router.post("/hand-over/{number}/take")
def take(request: Request, desk: TheDesk, actor: Person, number: Id) -> Response:
    """Take the shift."""

    def act() -> Done:
        hand_over.take(desk, actor, HandOverId(number))
        return Done(said=Phrase(template=N_("You have the watch")), back="/hand-over", go="/hand-over")

    return perform(request, act)


@router.post("/hand-over/{number}/withdraw")
def withdraw(request: Request, desk: TheDesk, actor: Person, number: Id, why: Words = "") -> Response:
    """Take a hand-over back."""

    def act() -> Done:
        hand_over.withdraw(desk, actor, HandOverId(number), why=why)
        return Done(said=Phrase(template=N_("The hand-over is withdrawn; the shift goes on")), back="/hand-over")

    return perform(request, act)
