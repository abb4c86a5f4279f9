"""What the pages say of the guard is what the guard says."""

from impetus.core.actor import Role
from impetus.ethics.guard import MATRIX, who_can_see
from impetus.ethics.permitted import PERMITTED
from impetus.web.guard_words import BECAUSE, SAYS
from page_reader import Node
from seats import look, seat
from town import Town


def test_the_words_for_the_catalogues_are_the_guards_own() -> None:
    """A reason or a rule that changes in the guard changes here, or no language would find it."""
    assert tuple(grant.because for grant in MATRIX.values()) == BECAUSE
    assert tuple(rule.says for rule in PERMITTED) == SAYS


def test_every_operator_page_says_who_can_see_it_and_why(town: Town) -> None:
    """Picture, sources and quarantine name each role with its reason, and the rule."""
    kari = seat(town)
    for path, operation in (
        ("/", "alerts.read"),
        ("/sources", "sources.read"),
        ("/sources/quarantine", "quarantine.read"),
    ):
        said = _said(look(kari, path))
        who = who_can_see(operation)
        assert all(reason in said for reason in who.because), path
        assert who.why in said, path


def test_a_role_that_cannot_see_it_is_not_named(town: Town) -> None:
    """The executive gets no quarantine and is not listed there."""
    said = _said(look(seat(town), "/sources/quarantine"))
    assert MATRIX[Role.EXECUTIVE].because not in said


def _said(page: Node) -> str:
    """Return the words of a page's lists of who can see it."""
    return page.words
