"""Mail: SMTP with STARTTLS or TLS, one message a person, the same Message-ID however often it is tried.

**Source**: RFC 5321; RFC 3207 (STARTTLS); RFC 3834, section 5 (`Auto-Submitted`), so that no out-of-office note answers.
"""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from impetus.core.errors import ImpetusError, Malformed, Misconfigured, NotNow
from impetus.core.finding import Urgency
from impetus.core.notice import Outgoing, headline_of, text_of
from impetus.ports.notices import AddressRefused, Sent

TIMEOUT_S = 10.0
RETRY_S = 30.0
FINAL = 500
"""Reply codes from here on are permanent. Source: RFC 5321, section 4.2.1."""
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""What we send to: no quoted local parts, no comments. Source: RFC 5321, sections 4.1.2 and 4.5.3.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The server mail is given to; `security` is `starttls`, `tls` or `none`; an empty `user` signs in nowhere."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    secret: str = ""
    ca_file: str = ""


class SmtpChannel:
    """Fulfils `impetus.ports.notices.Channel` over SMTP."""

    kind = "smtp"
    fixed_address = ""

    def __init__(self, server: MailServer, *, takes_exercises: bool = False) -> None:
        """Prepare; no connection is made before it is needed."""
        self.takes_exercises = takes_exercises
        self._server = server
        self._context = _tls_context(server.ca_file)

    def check_address(self, address: str) -> str:
        """Return the address, or refuse what is none."""
        if not ADDRESS.fullmatch(address) or ".." in address:
            raise Malformed(
                "this is no e-mail address", value=address[:40], limit="name@host", remedy="write it as in a mail"
            )
        return address

    def send(self, message: Outgoing, address: str) -> Sent:
        """Give the message to the server; what becomes of it then the server does not say."""
        letter = letter_of(message, self._server.sender, address)
        with self._connected() as server:
            refused = server.send_message(letter)
        if refused:
            raise AddressRefused("the server took it for nobody", remedy="give the address anew")
        return Sent(receipt=f"taken by {self._server.host}")

    def check(self) -> None:
        """Connect, secure, sign in, and hang up."""
        with self._connected() as server:
            server.noop()

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Give a connection that is secured and signed in; whatever fails is somebody's fault, and is said without names."""
        try:
            with self._opened() as server:
                if self._server.security == "starttls":
                    server.starttls(context=self._context)
                if self._server.user:
                    server.login(self._server.user, self._server.secret)
                yield server
        except ImpetusError:
            raise
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise _fault(self._server.host, error) from error

    def _opened(self) -> smtplib.SMTP:
        """Return a connection to the server."""
        where = (self._server.host, self._server.port)
        if self._server.security == "tls":
            return smtplib.SMTP_SSL(*where, timeout=TIMEOUT_S, context=self._context)
        return smtplib.SMTP(*where, timeout=TIMEOUT_S)


def letter_of(message: Outgoing, sender: str, address: str) -> EmailMessage:
    """Return the message as mail."""
    letter = EmailMessage()
    letter["From"], letter["To"] = sender, address
    letter["Subject"] = " ".join(headline_of(message).split())
    letter["Date"] = format_datetime(message.at)
    letter["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2].strip('> ')}>"
    letter["Auto-Submitted"] = "auto-generated"
    if message.urgency is Urgency.IMMEDIATE:
        letter["Importance"] = "high"
    letter.set_content(text_of(message))
    return letter


def _tls_context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise Misconfigured(
            f"the authorities in {ca_file} cannot be read", value=ca_file, remedy="name a PEM file"
        ) from error


def _fault(host: str, error: Exception) -> ImpetusError:
    """Return whose fault it is; only the code is repeated, because servers name people in their answers."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _ in error.recipients.values()), FINAL)
        return _refused(host, code, "refused the address")
    if isinstance(error, smtplib.SMTPDataError):
        return _refused(host, error.smtp_code, "refused the message")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Misconfigured(f"{host} offers no STARTTLS or sign-in", value=host, remedy="ask its keeper, or use tls")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Misconfigured(f"the certificate of {host} is not trusted", value=host, remedy="name its ca_file")
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= FINAL:
        code = error.smtp_code
        return Misconfigured(f"{host} refused us ({code})", value=code, remedy="renew user, secret or sender")
    return NotNow(f"{host} does not answer ({type(error).__name__})", retry_after_s=RETRY_S, value=host)


def _refused(host: str, code: int, what: str) -> ImpetusError:
    """Return what a refusal of one message means: for good from 500 on, else for now."""
    if code >= FINAL:
        return AddressRefused(f"{host} {what} ({code})", value=code, remedy="give the address anew, or ask why")
    return NotNow(f"{host} {what} for now ({code})", retry_after_s=RETRY_S, value=code)
