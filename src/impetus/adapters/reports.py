"""Writes an assessment as a page, as a PDF and for the French authority's tool; each library is loaded when it is used."""

from impetus.core.assessment import AssessmentDocument


class PrintedReports:
    """Fulfils `impetus.ports.register.Reports`."""

    def html(self, document: AssessmentDocument) -> bytes:
        """Return one self-contained page, printable."""
        from impetus.adapters.html_report import write_html  # noqa: PLC0415 - a start needs none of it

        return write_html(document)

    def pdf(self, document: AssessmentDocument) -> bytes:
        """Return a PDF."""
        from impetus.adapters.pdf_report import write_pdf  # noqa: PLC0415 - a start needs none of it

        return write_pdf(document)

    def cnil(self, document: AssessmentDocument) -> bytes:
        """Return JSON for the PIA tool."""
        from impetus.adapters.cnil_report import write_cnil  # noqa: PLC0415 - a start needs none of it

        return write_cnil(document)
