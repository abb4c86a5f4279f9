"""An assessment as pdf."""

from impetus.core.assessment import AssessmentDocument


def write_pdf(document: AssessmentDocument) -> bytes:
    """Return the document."""
    return document.title.encode()
