"""The channels' health, one's own addresses, and the demonstration's mailbox."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Path, Request, Response

from impetus.core.errors import Unknown
from impetus.core.text import Phrase
from impetus.desk import contacts, notice_reading, notices
from impetus.desk.channel_health import channels_view
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
Channel = Annotated[str, Path(max_length=40)]


@router.get("/channels")
def show_channels(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Show how the channels fare and where one is reached oneself."""
    return page(
        request,
        "channels.html",
        actor=actor,
        view=channels_view(desk, actor),
        own={contact.channel: contact for contact in contacts.own_contacts(desk, actor)},
        reachable=contacts.reachable(desk, actor),
        sent=notice_reading.notices_view(desk, actor),
        push_key=desk.channels.push_key(),
    )


@router.post("/channels/contacts")
def put_contact(
    request: Request,
    desk: TheDesk,
    actor: Person,
    *,
    channel: Annotated[str, Form(max_length=40)],
    address: Annotated[str, Form(max_length=2000)] = "",
    place: Annotated[int, Form(ge=0, le=9)] = 0,
) -> Response:
    """Keep where one is reached by a channel."""

    def act() -> Done:
        contacts.put_contact(desk, actor, channel, address, place=place)
        return Done(said=Phrase(template=N_("You are reached there from now on")), back="/channels")

    return perform(request, act)


@router.post("/channels/contacts/{channel}/forget")
def forget_contact(request: Request, desk: TheDesk, actor: Person, channel: Channel) -> Response:
    """Forget where one is reached by a channel."""

    def act() -> Done:
        contacts.forget_contact(desk, actor, channel)
        return Done(said=Phrase(template=N_("The address is forgotten")), back="/channels")

    return perform(request, act)


@router.post("/channels/try")
def try_channels(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> Response:
    """Send oneself a test over one's own channels."""

    def act() -> Done:
        notices.send_test(desk, actor, simulated=settings.simulated)
        return Done(said=Phrase(template=N_("A test is on its way to you")), back="/channels")

    return perform(request, act)


@router.get("/mailbox")
def show_mailbox(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> Response:
    """Show what lies in the demonstration's mailbox."""
    permit(desk, actor, Operation.CALLS_READ)
    if not settings.simulated:
        raise Unknown("there is no mailbox here", remedy="only a demonstration has one")
    letters = [
        (letter, urlsplit(letter.link).path, urlsplit(letter.answer_link).path) for letter in desk.channels.letters()
    ]
    return page(request, "mailbox.html", actor=actor, letters=letters)
