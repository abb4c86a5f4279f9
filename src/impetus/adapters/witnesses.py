"""Witnesses outside: a folder elsewhere, an address, a log server. Each is shown checkpoints and remembers them.

Only what the installation's settings name is ever spoken to. **Source**: C2SP tlog-witness for addresses that end in
`/add-checkpoint`; RFC 5424 for syslog, RFC 5426 over UDP, RFC 6587 with octet counting over TCP.
"""

import base64
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from impetus.adapters.durable_file import write_durably
from impetus.core.errors import Misconfigured, NotNow
from impetus.ports import Clock
from impetus.ports.ethics import Witness, Witnessed

TIMEOUT_S = 5.0
"""Seconds a witness may take; it is asked again later. House rule."""
RETRY_S = 10.0
ADD_CHECKPOINT = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
MAX_ANSWER_BYTES = 64 * 1024
PRIORITY = 13 * 8 + 5
"""Facility 13, log audit; severity 5, notice. Source: RFC 5424, section 6.2.1."""
STRUCTURE = "checkpoint@32473"
"""Structured data under the enterprise number kept for documentation (RFC 5612): we have none of our own."""
SYSLOG = re.compile(r"syslog(?P<tcp>\+tcp)?:(?P<host>\[[0-9a-fA-F:]+\]|[^:\[\]/\s]+):(?P<port>[0-9]{1,5})")
_OLD = re.compile(rb"[0-9]{1,18}")


class FileWitness:
    """A folder elsewhere, such as a mounted share: the newest checkpoint, and the last one of each day."""

    def __init__(self, folder: Path, origin: str, clock: Clock) -> None:
        self.name = f"file:{folder}"
        slug = re.sub(r"[^a-z0-9._-]+", "-", origin.lower())
        self._newest, self._days, self._clock = folder / f"{slug}.checkpoint", folder / f"{slug}.days", clock

    def last(self) -> bytes | None:
        """Return the newest checkpoint that lies there."""
        try:
            return self._newest.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreachable(self.name, error) from error

    def show(self, checkpoint: bytes, old_size: int, proof: Sequence[bytes]) -> Witnessed:
        """Write the checkpoint; the folder must be there already, so that an unmounted share is noticed."""
        del old_size, proof
        try:
            self._days.mkdir(mode=0o700, exist_ok=True)
            write_durably(self._days / f"{self._clock.now():%Y-%m-%d}", checkpoint)
            write_durably(self._newest, checkpoint)
        except OSError as error:
            raise _unreachable(self.name, error) from error
        return Witnessed()


class HttpWitness:
    """An address: a tlog-witness when it ends in `/add-checkpoint`, else whatever takes a posted text."""

    def __init__(self, url: str, *, client: httpx.Client | None = None) -> None:
        self._url, self._client = url, client or httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)
        parts = urlsplit(url)
        self.name = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
        self._is_tlog = parts.path.endswith(ADD_CHECKPOINT)

    def last(self) -> bytes | None:
        """Return None: an address says what it holds only when it is shown something."""
        return None

    def show(self, checkpoint: bytes, old_size: int, proof: Sequence[bytes]) -> Witnessed:
        """Post the checkpoint and read the answer."""
        body = add_checkpoint_body(checkpoint, old_size, proof) if self._is_tlog else checkpoint
        try:
            answer = self._client.post(self._url, content=body, headers={"content-type": "text/plain; charset=utf-8"})
        except httpx.HTTPError as error:
            raise _unreachable(self.name, error) from error
        content = answer.content[:MAX_ANSWER_BYTES]
        if answer.is_success:
            return Witnessed(signatures=content if self._is_tlog else b"")
        if self._is_tlog and answer.status_code == httpx.codes.CONFLICT:
            said = content.strip()
            is_size = answer.headers.get("content-type", "").startswith(SIZE_TYPE) and _OLD.fullmatch(said)
            return Witnessed(refusal="it holds another tree", holds=int(said) if is_size else old_size)
        if self._is_tlog and answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            return Witnessed(refusal="it does not accept the consistency proof", holds=old_size)
        raise NotNow(f"{self.name} answered {answer.status_code}", retry_after_s=RETRY_S, value=answer.status_code)


class SyslogWitness:
    """A log server: the checkpoint in one message, kept there with everything else it keeps. It never answers."""

    def __init__(self, host: str, port: int, clock: Clock, *, is_tcp: bool) -> None:
        self._address, self._clock, self._is_tcp = (host, port), clock, is_tcp
        self.name = f"syslog{'+tcp' if is_tcp else ''}:{host}:{port}"

    def last(self) -> bytes | None:
        """Return None: a log server is never asked."""
        return None

    def show(self, checkpoint: bytes, old_size: int, proof: Sequence[bytes]) -> Witnessed:
        """Send the message."""
        del old_size, proof
        message = syslog_message(checkpoint, f"{self._clock.now():%Y-%m-%dT%H:%M:%S.%fZ}")
        try:
            if self._is_tcp:
                with socket.create_connection(self._address, timeout=TIMEOUT_S) as stream:
                    stream.sendall(str(len(message)).encode() + b" " + message)
            else:
                self._send_datagram(message)
        except OSError as error:
            raise _unreachable(self.name, error) from error
        return Witnessed()

    def _send_datagram(self, message: bytes) -> None:
        family, kind, protocol, _, address = socket.getaddrinfo(*self._address, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as out:
            out.settimeout(TIMEOUT_S)
            out.sendto(message, address)


def add_checkpoint_body(checkpoint: bytes, old_size: int, proof: Sequence[bytes]) -> bytes:
    """Return what a tlog-witness is posted: the size it took before, the proof from there, the checkpoint."""
    lines = [f"old {old_size}", *(base64.b64encode(hash_).decode() for hash_ in proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + checkpoint


def syslog_message(checkpoint: bytes, at: str) -> bytes:
    """Return a message of RFC 5424 with the whole signed checkpoint, in base64, and what people look for, in clear."""
    origin, size, root = checkpoint.decode("utf-8", "replace").split("\n")[:3]
    said = {"origin": origin, "size": size, "root": root, "note": base64.b64encode(checkpoint).decode()}
    escaped = " ".join(f'{name}="{_escaped(value)}"' for name, value in said.items())
    return f"<{PRIORITY}>1 {at} - impetus - checkpoint [{STRUCTURE} {escaped}] checkpoint of {size} entries".encode()


def open_witnesses(spellings: Sequence[str], origin: str, clock: Clock) -> tuple[Witness, ...]:
    """Return the witnesses of the setting `log_witnesses`; `Misconfigured` for a spelling that is none."""
    return tuple(_open(spelling, origin, clock) for spelling in spellings)


def _open(spelling: str, origin: str, clock: Clock) -> Witness:
    if spelling.startswith("file:/"):
        return FileWitness(Path(spelling.removeprefix("file:")), origin, clock)
    if spelling.startswith(("https://", "http://")) and urlsplit(spelling).hostname:
        return HttpWitness(spelling)
    found = SYSLOG.fullmatch(spelling)
    if found and 0 < int(found["port"]) < 1 << 16:
        return SyslogWitness(found["host"].strip("[]"), int(found["port"]), clock, is_tcp=bool(found["tcp"]))
    raise Misconfigured(
        f"{spelling!r} is no witness",
        value=spelling,
        limit="file:/path, https://..., syslog:host:port, syslog+tcp:host:port",
        remedy="mend the setting log_witnesses",
    )


def _escaped(value: str) -> str:
    """Return a value of structured data. Source: RFC 5424, section 6.3.3."""
    return re.sub(r'(["\\\]])', r"\\\1", value)


def _unreachable(name: str, error: Exception) -> NotNow:
    why = str(error) or type(error).__name__
    return NotNow(f"{name} is out of reach: {why}", retry_after_s=RETRY_S, value=name, remedy="see whether it is there")
