"""The pages of calling people: who has it now, the weeks, channels, the answering link, hand-over and shift log."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from desk.call_house import MASKS
from impetus.core.actor import Role
from impetus.core.errors import NotNow
from impetus.core.ids import IncidentId, NoticeId
from impetus.core.notice import Notice
from impetus.desk import contacts, notices, on_call_desk
from impetus.desk.channel_health import check_channel
from impetus.desk.deliver import send_due
from impetus.desk.escalate import watch_notices
from impetus.processes.on_call import Rotation
from impetus.settings import Settings
from impetus.testing.channels import MemoryChannels, RecordingChannel
from impetus.testing.desk import memory_desk
from impetus.web.app import create_app
from page_reader import by_id
from seats import act, actor, look, opened, seat
from town import NOW, Town, close_town, post, raise_alert

ROTATION = Rotation(
    name="duty", people=("Kari", "Ola"), begins=date(2026, 11, 16), days=7, handover=time(7), zone="Europe/Oslo"
)


def opened_town(home: Path) -> Town:
    """Return a town with two channels."""
    settings = Settings(home=home, site="Testby", simulated=True, timezone="Europe/Oslo")
    book = MemoryChannels(ways={"mail": RecordingChannel(kind="smtp"), "hook": RecordingChannel(fixed_address="siem")})
    desk = replace(memory_desk(NOW), channels=book, text_masks=MASKS)
    return Town(desk=desk, settings=settings, app=create_app(desk, settings))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Return a town with two channels."""
    town = opened_town(tmp_path)
    yield town
    close_town(town)


def seated(town: Town) -> TestClient:
    """Return a supervisor's browser, beside two operators' accounts."""
    for name in ("Kari", "Ola"):
        seat(town, name, Role.OPERATOR)
    return seat(town, "Siv", Role.SUPERVISOR)


@pytest.fixture
def siv(town: Town) -> TestClient:
    """Return a supervisor's browser."""
    return seated(town)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a supervisor's browser in a town for all tests that change nothing."""
    town = opened_town(tmp_path_factory.mktemp("quiet"))
    yield seated(town)
    close_town(town)


def rotated(town: Town) -> None:
    """Save the rotation."""
    on_call_desk.save_rotation(town.desk, actor(town, "Siv"), ROTATION, version=0)


def told(town: Town, to: str = "Kari") -> str:
    """Let somebody be told over mail, and return the path of the link in the message."""
    mail = town.desk.channels.channels()["mail"]
    assert isinstance(mail, RecordingChannel)
    contacts.put_contact(town.desk, actor(town, to), "mail", f"{to}@city.example")
    by = actor(town, "Siv")
    with town.desk.store.write() as unit:
        notices.send_notice(town.desk, unit, by, Notice(to=(to,), title="Crowd at the quay"))
    watch_notices(town.desk)
    send_due(town.desk, "mail")
    return mail.sent[-1][0].answer_link.removeprefix("https://impetus.city.example")


def test_who_has_it_now_stands_in_large_with_until_when(town: Town, siv: TestClient) -> None:
    """21 November 2026 lies in the first turn; it ends on Monday at seven in Oslo."""
    rotated(town)
    page = look(siv, "/on-call")
    assert next(page.all("dd")).words == "Kari"
    assert "until 23 Nov 2026, 07:00:00" in page.words
    assert len(list(page.all("svg", "figure"))) >= 5


def test_with_no_rotation_and_no_channel_the_page_says_what_that_means(town: Town, siv: TestClient) -> None:
    """Empty is honest."""
    book = town.desk.channels
    assert isinstance(book, MemoryChannels)
    book.ways.clear()
    for path in ("/on-call", "/channels"):
        assert "No channel is configured: nothing goes out" in look(siv, path).words
    assert "No rotation is made yet" in look(siv, "/on-call").words


def test_a_fault_in_the_file_is_said_with_its_line(town: Town, siv: TestClient) -> None:
    """On both pages, in words of the checker."""
    book = town.desk.channels
    assert isinstance(book, MemoryChannels)
    book.said_fault = "channels.toml, line 3: mail has no host; add host"
    for path in ("/on-call", "/channels"):
        assert "line 3: mail has no host" in look(siv, path).words


def test_a_supervisor_makes_rotation_stand_in_and_escalation_by_forms(town: Town, siv: TestClient) -> None:
    """Each answer is one sentence; an operator is offered none of the forms."""
    fields = {"people": "Kari\nOla", "begins": "2026-11-16", "days": 7, "handover": "07:00", "zone": "Europe/Oslo"}
    assert act(siv, "/on-call/rotations", rotation="duty", **fields)[0] == 200
    stand_in = {"for_rotation": "duty", "person": "Ola", "why": "leave"}
    span = {"stands_from": "2026-11-21T07:00", "stands_until": "2026-11-22T07:00"}
    assert act(siv, "/on-call/stand-ins", **stand_in, **span)[0] == 200
    steps = "rotation:duty | 5\nSiv | 10"
    assert act(siv, "/on-call/escalations", escalation="square", steps=steps, alerts_from="severe")[0] == 200
    page = look(siv, "/on-call")
    assert "Ola" in page.words
    assert "instead of Kari" in page.words
    assert "waits 5 min" in page.words
    kari = town.visitor()
    kari.cookies.set("impetus_session", _session(town, "Kari"), domain="127.0.0.1", path="/")
    assert not [form for form in look(kari, "/on-call").all("form") if form.get("action") == "/on-call/rotations"]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/on-call/rotations", {"rotation": "Duty!", "people": "Kari", "begins": "2026-11-16", "days": 7, "handover": "07:00", "zone": "Europe/Oslo"}),
        ("/on-call/rotations", {"rotation": "duty", "people": "Nobody", "begins": "2026-11-16", "days": 7, "handover": "07:00", "zone": "Europe/Oslo"}),
        ("/on-call/rotations", {"rotation": "duty", "people": "Kari", "begins": "soon", "days": 7, "handover": "07:00", "zone": "Europe/Oslo"}),
        ("/on-call/rotations", {"rotation": "duty", "people": "Kari", "begins": "2026-11-16", "days": 7, "handover": "late", "zone": "Europe/Oslo"}),
        ("/on-call/escalations", {"escalation": "e", "steps": "Kari"}),
        ("/on-call/escalations", {"escalation": "e", "steps": "rotation:none | 5"}),
        ("/on-call/stand-ins", {"for_rotation": "none", "person": "Kari", "stands_from": "2026-11-21T07:00", "stands_until": "2026-11-22T07:00", "why": "x"}),
        ("/on-call/stand-ins", {"for_rotation": "none", "person": "Kari", "stands_from": "x", "stands_until": "y", "why": "x"}),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_a_remedy(quiet: TestClient, path: str, fields: dict[str, object]) -> None:
    """And nothing is stored."""
    status, answer = act(quiet, path, **fields)
    assert status == 400
    assert answer["remedy"]


def test_somebody_who_is_asked_says_on_the_page_that_they_have_it(town: Town, siv: TestClient) -> None:
    """One large button; then the others see it."""
    kari = town.visitor()
    kari.cookies.set("impetus_session", _session(town, "Kari"), domain="127.0.0.1", path="/")
    told(town)
    page = look(kari, "/on-call")
    assert "You are asked" in page.words
    answer = post_signed(kari, "/on-call/notices/1/acknowledge")
    assert answer == 303
    assert "acknowledged 14:07:32" in look(siv, "/on-call").words
    assert "You are asked" not in look(kari, "/on-call").words


def test_a_link_shows_what_it_is_about_and_nobodys_name_and_looking_changes_nothing(
    town: Town, siv: TestClient
) -> None:
    """Whoever holds it is not signed in, and no cookie of a session is given."""
    path = told(town)
    stranger = town.visitor()
    page = look(stranger, path)
    assert "Crowd at the quay" in page.words
    assert "Kari" not in page.words
    look(stranger, path)
    with town.desk.store.read() as unit:
        assert unit.notices.recipients([NoticeId(1)])[0].acked_at is None


def test_the_button_of_a_link_acknowledges_once_and_signs_nobody_in(town: Town, siv: TestClient) -> None:
    """The second time the page says that it was used; no page behind the door opens."""
    path = told(town)
    stranger = town.visitor()
    form = next(form for form in look(stranger, path).all("form") if form.get("action") == path)
    answer = stranger.post(path, data={"csrf": form.fields["csrf"][0]})
    assert answer.status_code == 200
    assert "You have it" in answer.text
    assert "This was acknowledged already" in look(stranger, path).words
    assert stranger.get("/on-call").status_code == 303
    assert "impetus_session" not in stranger.cookies


def test_a_link_without_the_form_of_its_page_acknowledges_nothing(town: Town, siv: TestClient) -> None:
    """Another site cannot press the button."""
    path = told(town)
    assert town.visitor().post(path, data={"csrf": "0" * 64}).status_code == 403
    assert town.visitor().get("/answer/" + "x" * 43).status_code == 404


def test_channels_show_what_works_and_what_does_not(town: Town, siv: TestClient) -> None:
    """With the reason, and since when."""
    mail = town.desk.channels.channels()["mail"]
    assert isinstance(mail, RecordingChannel)
    mail.trouble = NotNow("mail.city.example does not answer", retry_after_s=5.0)
    for _ in range(3):
        town.clock.advance(61)
        for name in ("mail", "hook"):
            check_channel(town.desk, name)
    words = look(siv, "/channels").words
    assert "brings nothing since" in words
    assert "mail.city.example does not answer" in words
    assert "works" in words


def test_ones_own_address_is_kept_tried_and_forgotten(town: Town, siv: TestClient) -> None:
    """Nobody else sees it."""
    assert act(siv, "/channels/contacts", channel="mail", address="siv@city.example")[0] == 200
    assert "siv@city.example" in look(siv, "/channels").words
    assert act(siv, "/channels/try")[0] == 200
    watch_notices(town.desk)
    assert send_due(town.desk, "mail") == 1
    kari = town.visitor()
    kari.cookies.set("impetus_session", _session(town, "Kari"), domain="127.0.0.1", path="/")
    assert "siv@city.example" not in kari.get("/channels").text
    assert act(siv, "/channels/contacts/mail/forget")[0] == 200
    assert "siv@city.example" not in look(siv, "/channels").words
    assert act(siv, "/channels/contacts", channel="fax", address="1")[0] == 404


def test_a_shift_is_read_back_item_by_item_before_it_is_taken(town: Town, siv: TestClient) -> None:
    """From the first form to the last, as two people at their screens."""
    kari = town.visitor()
    kari.cookies.set("impetus_session", _session(town, "Kari"), domain="127.0.0.1", path="/")
    raise_alert(town)
    opened(town, 1)
    assert post_signed(kari, "/hand-over/begin") == 303
    assert post_signed(kari, "/hand-over/give", to="Siv", expectations="the tram stops at ten") == 303
    page = look(siv, "/hand-over")
    assert "Kari hands over to Siv" in page.words
    assert "the tram stops at ten" in page.words
    assert act(siv, "/hand-over/1/take")[0] == 409
    for _ in range(20):
        form = next((form for form in look(siv, "/hand-over").all("form") if "/items/" in form.get("action")), None)
        if form is None:
            break
        assert act(siv, form.get("action"), read_back="seen")[0] == 200
    assert "everything is read" in look(siv, "/hand-over").words
    assert act(siv, "/hand-over/1/take")[0] == 200
    assert "Siv" in by_id(look(siv, "/hand-over"), "watch-title").words + look(siv, "/hand-over").words
    assert "read back by Siv" in look(siv, "/hand-over/1").words
    with town.desk.store.read() as unit:
        assert unit.incidents.get(IncidentId(1)).owner == "Siv"


def test_only_the_taker_is_offered_the_reading(town: Town, siv: TestClient) -> None:
    """Whoever watches sees how far it is."""
    kari = town.visitor()
    kari.cookies.set("impetus_session", _session(town, "Kari"), domain="127.0.0.1", path="/")
    post_signed(kari, "/hand-over/begin")
    post_signed(kari, "/hand-over/give", to="Siv", expectations="one thing")
    assert not [form for form in look(kari, "/hand-over").all("form") if "/items/" in form.get("action")]
    assert act(siv, "/hand-over/1/withdraw", why="too early")[0] == 200
    assert "withdrawn: too early" in look(siv, "/hand-over").words


def test_the_log_is_written_pinned_searched_and_struck(town: Town, siv: TestClient) -> None:
    """As a daily tool: one line, one button each."""
    assert act(siv, "/shift-log", text="Tram line 12 stands still")[0] == 200
    assert act(siv, "/shift-log", text="Broken lamp at E1")[0] == 200
    assert act(siv, "/shift-log", text="x", incident="abc")[0] == 400
    assert act(siv, "/shift-log/1/pin")[1]["undo"] == "/shift-log/1/unpin"
    page = look(siv, "/shift-log")
    assert "Pinned" in page.words
    found = by_id(look(siv, "/shift-log?q=LAMP"), "log-title")
    assert found is not None
    assert "Broken lamp" in look(siv, "/shift-log?q=LAMP").words
    assert "note-1" not in {node.get("id") for node in look(siv, "/shift-log?q=LAMP").all("li")}
    assert act(siv, "/shift-log/2/strike", why="it was E2")[0] == 200
    assert "struck through by Siv: it was E2" in look(siv, "/shift-log").words
    assert "Nothing was found" in look(siv, "/shift-log?day=2020-01-01").words
    assert siv.get("/shift-log?day=never").status_code == 400


def test_the_mailbox_is_the_demonstrations_and_says_so(quiet: TestClient) -> None:
    """Elsewhere there is none."""
    words = look(quiet, "/mailbox").words
    assert "Simulated: nothing here left this machine" in words
    assert "No message yet" in words


def test_a_picture_of_the_weeks_follows_the_clock_change(town: Town, siv: TestClient) -> None:
    """A week with 25 October has 169 hours: midnight on Monday after it lies at the end of the drawing, not beyond."""
    from zoneinfo import ZoneInfo

    from impetus.web.calls_picture import monday_of, weeks_of

    rotated(town)
    zone, at = ZoneInfo("Europe/Oslo"), NOW - timedelta(days=28)
    since = monday_of(at, zone)
    view = on_call_desk.calendar(town.desk, actor(town, "Siv"), since=since, weeks=5).rotations[0]
    weeks = weeks_of(view, since, 5, zone, at)
    assert weeks[0].monday == date(2026, 10, 19)
    assert weeks[0].days[6] == (round(1000 * 144 / 169, 2), date(2026, 10, 25))
    assert sum(bar.width for bar in weeks[-1].bars) == pytest.approx(1000 - weeks[-1].bars[0].x)


def post_signed(client: TestClient, path: str, **fields: object) -> int:
    """Send a form as a browser without scripts does."""
    return post(client, path, **fields).status_code


def _session(town: Town, name: str) -> str:
    """Return a fresh session's secret of somebody who has an account."""
    from impetus.desk.sign_in import open_session

    with town.desk.store.write() as unit:
        account = unit.accounts.by_name(name)
        assert account is not None
        return open_session(town.desk, unit, account, town.desk.clock.now()).secret
