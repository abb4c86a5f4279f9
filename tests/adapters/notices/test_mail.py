"""Mail over a real SMTP server: what arrives, under which id, and whose fault a failure is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.notices.servers import certificate, mail_site
from impetus.adapters.notices.smtp import MailServer, SmtpChannel, letter_of
from impetus.core.errors import Malformed, Misconfigured, NotNow
from impetus.core.finding import Urgency
from impetus.core.notice import Outgoing
from impetus.ports.notices import AddressRefused

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
MESSAGE = Outgoing(
    id="oslo-notice-7-9",
    number="incident 12",
    title="Crowd at the quay: æøå",
    place="south-east",
    link="https://impetus.city.example/incidents/12",
    answer_link="https://impetus.city.example/answer/abc",
    at=AT,
    answer_until=AT + timedelta(hours=2),
    urgency=Urgency.IMMEDIATE,
)


def channel(port: int, **changes: str) -> SmtpChannel:
    """Return the channel to a server on this machine."""
    plain = {"host": "localhost", "port": port, "security": "none", "sender": "Impetus <impetus@city.example>"}
    return SmtpChannel(MailServer(**{**plain, **changes}))  # type: ignore[arg-type]  # a test names the field it means


def test_a_letter_arrives_with_its_id_its_subject_and_both_links() -> None:
    """In plain text; no machine answers it with a note of absence."""
    with mail_site() as post:
        sent = channel(post.port).send(MESSAGE, "ada@city.example")
        (envelope,) = post.letters
    text = envelope.content.decode()
    assert not sent.is_delivered
    assert envelope.rcpt_tos == ["ada@city.example"]
    assert "Message-ID: <oslo-notice-7-9@city.example>" in text
    assert "Auto-Submitted: auto-generated" in text
    letter = letter_of(MESSAGE, "Impetus <impetus@city.example>", "ada@city.example")
    assert letter["Subject"] == "incident 12: Crowd at the quay: æøå (south-east)"
    for link in (MESSAGE.link, MESSAGE.answer_link):
        assert link in letter.get_content()


def test_the_same_message_twice_has_one_id() -> None:
    """By which a mail program shows it once."""
    with mail_site() as post:
        for _ in range(2):
            channel(post.port).send(MESSAGE, "ada@city.example")
        ids = {line for each in post.letters for line in each.content.splitlines() if line.startswith(b"Message-ID")}
    assert len(post.letters) == 2
    assert len(ids) == 1


def test_starttls_and_sign_in_against_an_authority_of_ones_own(tmp_path: Path) -> None:
    """The certificate is checked, the password given under it only."""
    files = certificate(tmp_path)
    with mail_site(files, password="secret-1") as post:
        way = channel(post.port, security="starttls", user="impetus", secret="secret-1", ca_file=str(files[0]))
        way.check()
        way.send(MESSAGE, "ada@city.example")
        assert len(post.letters) == 1


def test_a_certificate_nobody_vouches_for_stops_the_channel(tmp_path: Path) -> None:
    """Nothing is sent to somebody who only says that they are the mail server."""
    with mail_site(certificate(tmp_path)) as post:
        with pytest.raises(Misconfigured, match="not trusted"):
            channel(post.port, security="starttls").send(MESSAGE, "ada@city.example")
        assert post.letters == []


def test_a_server_without_starttls_gets_nothing() -> None:
    """A line that could be read on the way is no line."""
    with mail_site() as post:
        with pytest.raises(Misconfigured, match="STARTTLS"):
            channel(post.port, security="starttls").send(MESSAGE, "ada@city.example")
        assert post.letters == []


def test_a_wrong_password_is_the_channels_fault_and_is_not_repeated_in_the_error(tmp_path: Path) -> None:
    """Trying again would not help, and the secret stands in no log."""
    files = certificate(tmp_path)
    with mail_site(files, password="right-one") as post:
        way = channel(post.port, security="starttls", user="impetus", secret="wrong-one", ca_file=str(files[0]))
        with pytest.raises(Misconfigured) as refused:
            way.check()
    assert "wrong-one" not in repr(refused.value.problem())


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 5.1.1 <ada@city.example> unknown", AddressRefused), ("451 try later", NotNow)],
)
def test_what_a_server_says_to_an_address_decides_whose_fault_it_is(answer: str, error: type[Exception]) -> None:
    """Five hundred is for good, four hundred for now; the address is not repeated in the error."""
    with mail_site() as post:
        post.to_recipient = answer
        with pytest.raises(error) as refused:
            channel(post.port).send(MESSAGE, "ada@city.example")
    assert "ada@" not in str(refused.value)


def test_a_letter_that_is_refused_whole_is_not_tried_again() -> None:
    """The server took the address and not the words."""
    with mail_site() as post:
        post.to_letter = "554 looks like spam"
        with pytest.raises(AddressRefused, match="554"):
            channel(post.port).send(MESSAGE, "ada@city.example")


def test_a_server_that_is_not_there_is_asked_again_later() -> None:
    """A port nobody listens on."""
    with mail_site() as post:
        port = post.port
    for act in (channel(port).check, lambda: channel(port).send(MESSAGE, "ada@city.example")):
        with pytest.raises(NotNow, match="does not answer"):
            act()


@pytest.mark.parametrize(
    "address", ["", "ada", "@city.example", "ada@", "a b@city.example", "ada@city.example\nBcc: x@y.example", "ada@a..b", "<ada@city.example>"]
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    """Also one that carries a second header."""
    with pytest.raises(Malformed):
        channel(1).check_address(address)


@given(title=st.text(max_size=200), place=st.text(max_size=60))
def test_no_title_makes_a_second_header(title: str, place: str) -> None:
    """Whatever somebody types as the title of an incident."""
    from dataclasses import replace

    letter = letter_of(replace(MESSAGE, title=title, place=place), "impetus@city.example", "ada@city.example")
    assert letter.keys() == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Importance",
        *letter.keys()[7:],
    ]
    assert "Bcc" not in letter
