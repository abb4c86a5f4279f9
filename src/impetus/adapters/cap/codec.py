"""CAP 1.2 as bytes, whoever needs it; the XML library is loaded with the first document."""
# ruff: noqa: PLC0415 - see above: most processes with a desk never see a document

from collections.abc import Sequence

from impetus.core.warning import CapAlert, FeedPage, Message


class XmlCap:
    """Fulfils `impetus.ports.city.CapCodec`."""

    def write(self, message: Message) -> bytes:
        """Return the message as an XML document."""
        from impetus.adapters.cap.write import write_alert

        return write_alert(message)

    def read(self, body: bytes, certificates: Sequence[str] = ()) -> CapAlert:
        """Return the alert in an untrusted document."""
        from impetus.adapters.cap.read import read_alert

        return read_alert(body, certificates)

    def read_page(self, body: bytes, certificates: Sequence[str] = ()) -> FeedPage:
        """Return the alerts of an untrusted feed, or of one bare alert."""
        from impetus.adapters.cap.feed import read_page

        return read_page(body, certificates)
