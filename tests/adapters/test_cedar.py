"""Cedar's policies, held against our own evaluator, their schema, and the absence of the engine."""

import itertools
import random
import subprocess
import sys

import cedarpy
import pytest

from ethics.ask import CITY, any_request, asked, odd_request
from impetus.adapters.cedar import CedarPolicy, open_policy
from impetus.adapters.cedar.engine import IMPERSONAL, PERSONAL, read_entities, read_policies, read_schema
from impetus.core.access import AccessRequest, Category, Purpose
from impetus.core.actor import Role
from impetus.ethics.guard import Operation
from impetus.ethics.policy import decide

ALL = sorted({*IMPERSONAL, *PERSONAL, *(f"roles/{role.value}" for role in Role)})
FEW, MANY = 5_000, 100_000


@pytest.fixture(scope="module")
def cedar() -> CedarPolicy:
    """Return the engine without memory, so that every request is decided."""
    return CedarPolicy(remembered=0)


def _differ(cedar: CedarPolicy, request: AccessRequest) -> bool:
    return cedar.decide(request).is_permitted is not decide(request).is_permitted


def test_the_policies_hold_their_schema() -> None:
    """Every policy speaks of operations, roles and kinds that exist, with conditions of the right type."""
    result = cedarpy.validate_policies(read_policies(*ALL), read_schema())
    assert result.validation_passed, result.errors


def test_a_policy_with_a_misspelt_operation_breaks_the_schema() -> None:
    """The check above can fail."""
    wrong = read_policies(*ALL) + '\npermit (principal, action == Action::"alerts.raed", resource);'
    assert not cedarpy.validate_policies(wrong, read_schema()).validation_passed


def test_entities_hold_their_schema_and_name_every_role_and_category() -> None:
    """A role or category that is added to the platform is added to the policies' world, too."""
    cedarpy.Entities.from_json_str(read_entities(), cedarpy.Schema.from_str(read_schema()))
    for word in (*Role, *Category):
        assert f'"id": "{word.value}"' in read_entities(), word


def test_every_policy_has_a_name_of_its_own() -> None:
    """A refusal can be traced to one policy."""
    text = read_policies(*ALL)
    names = [line.split('"')[1] for line in text.splitlines() if line.startswith("@id(")]
    policies = sum(line.startswith(("permit (", "forbid (")) for line in text.splitlines())
    assert len(names) == len(set(names)) == policies


def test_the_policies_are_not_made_from_our_tables() -> None:
    """A twin that is generated from the other would share its mistakes: the adapters know nothing of `impetus.ethics`."""
    code = (
        "import sys, impetus.adapters.cedar; print([name for name in sys.modules if name.startswith('impetus.ethics')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_whole_matrix_is_decided_alike(cedar: CedarPolicy) -> None:
    """Role, operation and category with each operation's first purposes and a case: no cell differs."""
    for role, operation, category in itertools.product(Role, Operation, Category):
        for purpose in (Purpose.INCIDENT_RESPONSE, Purpose.OVERSIGHT):
            request = asked(role, operation.value, purpose, category, case="7")
            assert not _differ(cedar, request), request


def test_requests_at_random_are_decided_alike(cedar: CedarPolicy) -> None:
    """No difference in five thousand, of which enough are permitted to mean something."""
    _check(cedar, FEW)


@pytest.mark.slow
def test_a_hundred_thousand_requests_are_decided_alike(cedar: CedarPolicy) -> None:
    """The check of the design, F2."""
    _check(cedar, MANY)


def _check(cedar: CedarPolicy, count: int) -> None:
    rng, permitted = random.Random(count), 0  # noqa: S311 - reproducible, not secret
    for _ in range(count):
        request = any_request(rng)
        assert not _differ(cedar, request), request
        permitted += decide(request).is_permitted
    assert permitted > count // 50


def test_odd_requests_are_decided_alike_and_never_raise(cedar: CedarPolicy) -> None:
    """Quotes, policies in words, nulls, lone surrogates, 10,000 letters, and parts of no kind at all."""
    rng = random.Random(11)  # noqa: S311 - reproducible, not secret
    for _ in range(3_000):
        request = odd_request(rng)
        assert not _differ(cedar, request), request


def test_a_request_that_cannot_be_kept_in_memory_is_refused() -> None:
    """A list where a word should be has no hash; the engine with memory refuses it as the one without does."""
    request = AccessRequest(
        role=Role.OPERATOR,
        operation="alerts.read",
        purpose=Purpose.PUBLIC_SAFETY,
        category=Category.NONE,
        case=["7"],  # type: ignore[arg-type]  # on purpose
        tenant=CITY,
        owner=CITY,
    )
    assert CedarPolicy().decide(request).rule == "malformed"
    assert CedarPolicy(remembered=0).decide(request).rule in {"malformed", "engine-error"}
    assert not decide(request).is_permitted


def test_the_slices_decide_as_the_whole_would(cedar: CedarPolicy) -> None:
    """Asking only the policies for the kind of data changes no answer."""
    whole = CedarPolicy(remembered=0)
    whole._personal = cedarpy.PolicySet.from_str(read_policies(*ALL))
    whole._impersonal = dict.fromkeys(Role, whole._personal)
    rng = random.Random(5)  # noqa: S311 - reproducible, not secret
    for _ in range(2_000):
        request = any_request(rng)
        assert whole.decide(request).is_permitted is cedar.decide(request).is_permitted, request


def test_answers_are_remembered_within_their_bound() -> None:
    """Ten answers are kept of twelve, and a kept one is the one that was given."""
    small = CedarPolicy(remembered=10)
    requests = [asked(role, "alerts.read", Purpose.PUBLIC_SAFETY) for role in Role]
    first = [small.decide(request) for request in requests]
    assert len(small._answers) == 10
    assert [small.decide(request) for request in requests] == first


def test_a_refusal_names_the_policy_that_forbids(cedar: CedarPolicy) -> None:
    """Forbid wins: the permit of masked cameras fits as well, and is outweighed."""
    ruling = cedar.decide(asked(Role.OPERATOR, "media.read", Purpose.PUBLIC_SAFETY, Category.IMAGE_MASKED, owner="x"))
    assert (ruling.is_permitted, ruling.rule) == (False, "other-tenant")


def test_the_policies_are_parsed_once_a_process() -> None:
    """Whoever opens the engine gets the same."""
    assert open_policy() is open_policy()


WITHOUT = """
import sys
sys.modules["cedarpy"] = None  # as if it were not installed
from datetime import UTC, datetime
from impetus.core.actor import Role, Actor, console, platform
from impetus.core.errors import Refused
from impetus.desk.permit import permit
from impetus.ethics.guard import MATRIX, Operation
from impetus.testing.desk import memory_desk
desk, refusals = memory_desk(datetime(2026, 11, 22, tzinfo=UTC)), set()
for role, grant in MATRIX.items():
    for operation in grant.may:
        try:
            permit(desk, Actor(name="ada", role=role), operation)
        except Refused as error:
            refusals.add((error.rule, error.remedy))
        else:
            raise SystemExit(f"{role} may {operation} without the engine")
[(rule, remedy)] = refusals
print(rule, "|", remedy)
"""


def test_without_the_engine_everything_is_refused_and_the_sentence_says_what_to_do() -> None:
    """Fails closed: no cell of the role matrix is permitted, and the refusal names the package and the command."""
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "cedarpy" in done.stdout
    assert "make setup" in done.stdout
    assert "the package cedarpy is missing" in done.stderr
