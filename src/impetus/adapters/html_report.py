"""An assessment as one page: no script, nothing fetched, readable on paper and without colour."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from impetus.core.assessment import AssessmentDocument


def write_html(document: AssessmentDocument) -> bytes:
    """Return the page, UTF-8; every text is escaped."""
    return _template().render(document=document).encode("utf-8")


@cache
def _template() -> Template:
    loader = PackageLoader("impetus.adapters", "report_templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return made.get_template("assessment.html")
