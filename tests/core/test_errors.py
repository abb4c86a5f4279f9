"""The families of errors: what each is called outside, and what its problem document holds."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core import errors
from impetus.core.errors import (
    Conflict,
    ImpetusError,
    Malformed,
    Misconfigured,
    NotNow,
    OurFault,
    Refused,
    Stopped,
    TheirFault,
    TooLarge,
    Unauthenticated,
    Unknown,
)

TABLE = [
    (ImpetusError, 500, 70, "Internal error"),
    (OurFault, 500, 70, "The platform is at fault"),
    (Misconfigured, 500, 78, "Configuration is wrong"),
    (TheirFault, 422, 65, "Input refused"),
    (Malformed, 400, 65, "Input is malformed"),
    (TooLarge, 413, 65, "Input is too large"),
    (Unknown, 404, 65, "Not found"),
    (Conflict, 409, 65, "State does not allow this"),
    (Refused, 403, 77, "Refused"),
    (Unauthenticated, 401, 77, "Sign in first"),
    (Stopped, 403, 77, "Stopped by a person"),
    (NotNow, 503, 75, "Not now"),
]
"""Class, HTTP status (RFC 9110), exit code (sysexits.h) and title, written out by hand."""
FAMILIES = (OurFault, TheirFault, Refused, NotNow)
MOST_CHARS = 200


def made(kind: type[ImpetusError], detail: str = "it is so", **parts: object) -> ImpetusError:
    """Return an error of any class, with what its class needs beside the usual."""
    if issubclass(kind, Refused):
        return kind(detail, rule="nobody may", **parts)  # type: ignore[arg-type]  # a test names the part it means
    if issubclass(kind, NotNow):
        return kind(detail, retry_after_s=2.5, **parts)  # type: ignore[arg-type]  # as above
    return kind(detail, **parts)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(("kind", "status", "exit_code", "title"), TABLE)
def test_each_error_knows_its_status_exit_code_and_title(
    kind: type[ImpetusError], status: int, exit_code: int, title: str
) -> None:
    """No edge has to guess how an error leaves the program."""
    assert (kind.status, kind.exit_code, kind.title) == (status, exit_code, title)


def test_the_table_names_every_error_there_is() -> None:
    """A new error is written into the table above before it is used."""
    defined = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ImpetusError)}
    assert defined == {row[0] for row in TABLE}


@pytest.mark.parametrize("kind", [row[0] for row in TABLE if row[0] is not ImpetusError])
def test_each_error_belongs_to_exactly_one_family(kind: type[ImpetusError]) -> None:
    """Whose fault it is decides what happens next, so it must be answered, and once."""
    assert sum(issubclass(kind, family) for family in FAMILIES) == 1


@pytest.mark.parametrize("kind", [row[0] for row in TABLE])
def test_the_class_docstring_is_a_sentence(kind: type[ImpetusError]) -> None:
    """The docstring is the message."""
    assert kind.__doc__ is not None
    assert kind.__doc__.rstrip().endswith(".")


@pytest.mark.parametrize("kind", [row[0] for row in TABLE])
def test_a_problem_document_says_type_title_status_and_detail(kind: type[ImpetusError]) -> None:
    """The four members of RFC 9457 that every answer has, whatever else it carries."""
    problem = made(kind, "lon 200 is not on the globe").problem()
    assert problem["type"] == f"urn:impetus:problem:{kind.__name__}"
    assert (problem["title"], problem["status"]) == (kind.title, kind.status)
    assert problem["detail"] == "lon 200 is not on the globe"


def test_a_bare_error_has_nothing_to_add() -> None:
    """What is not known is left out, not sent as null or as an empty text."""
    assert set(TheirFault("no").problem()) == {"type", "title", "status", "detail"}


def test_value_limit_and_remedy_are_part_of_the_problem() -> None:
    """The reader learns what was wrong, against which limit, and what would help."""
    problem = Malformed("port is 0", value=0, limit="1..65535", remedy="choose one in range").problem()
    assert (problem["value"], problem["limit"], problem["remedy"]) == ("0", "1..65535", "choose one in range")


@pytest.mark.parametrize("part", ["value", "limit"])
def test_a_long_part_is_cut(part: str) -> None:
    """What came from outside is shown, not repeated at length."""
    problem = made(Malformed, **{part: "x" * 10_000}).problem()
    assert problem[part] == "x" * MOST_CHARS


def test_a_refusal_names_its_rule_and_the_source_it_rests_on() -> None:
    """Policy says no by a rule somebody can read; without a legal source there is none to name."""
    sourced = Refused("no faces", rule="no biometrics", source="AI Act, article 5(1)(h)").problem()
    assert (sourced["rule"], sourced["source"]) == ("no biometrics", "AI Act, article 5(1)(h)")
    assert "source" not in Refused("no faces", rule="no biometrics").problem()


def test_not_now_says_when_and_has_a_remedy_of_its_own() -> None:
    """Waiting is the remedy unless a better one is known."""
    waiting, better = NotNow("busy", retry_after_s=2.5), NotNow("full", retry_after_s=1.0, remedy="make room")
    assert (waiting.problem()["retry_after_s"], waiting.remedy) == (2.5, "try again in 2.5 s")
    assert better.remedy == "make room"


def test_the_text_of_an_error_is_its_detail() -> None:
    """A log line and a traceback say the sentence."""
    assert str(Unknown("no alert 7", value=7)) == "no alert 7"


anything = some.one_of(some.none(), some.text(), some.integers(), some.floats(), some.binary(), some.lists(some.text()))


@given(some.sampled_from([row[0] for row in TABLE]), some.text(), anything, anything, some.text())
def test_every_problem_can_be_sent_as_json(
    kind: type[ImpetusError], detail: str, value: object, limit: object, remedy: str
) -> None:
    """Whatever a value was, its problem document is small, flat and plain."""
    problem = made(kind, detail, value=value, limit=limit, remedy=remedy).problem()
    assert json.loads(json.dumps(problem)) == problem
    assert all(len(str(problem.get(part, ""))) <= MOST_CHARS for part in ("value", "limit"))
    assert ("value" in problem) is (value is not None)
