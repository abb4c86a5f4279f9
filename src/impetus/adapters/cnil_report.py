"""An assessment as cnil."""

from impetus.core.assessment import AssessmentDocument


def write_cnil(document: AssessmentDocument) -> bytes:
    """Return the document."""
    return document.title.encode()
