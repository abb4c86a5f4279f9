"""Purpose-bound access, cell by cell: what is written below was written from the law, not from the rules."""

import itertools
import random

import pytest

from ethics.ask import CITY, any_request, asked, odd_request
from impetus.core.access import AccessRequest, Category, Purpose, Regime
from impetus.core.actor import Role
from impetus.ethics.forbidden import FORBIDDEN
from impetus.ethics.guard import GRANTABLE, MATRIX, Operation, who_can_see
from impetus.ethics.permitted import PERMITTED
from impetus.ethics.policy import RULES, decide
from impetus.ethics.purpose import CLEAR, CONTENT, PERSONAL, PURPOSES, own_purpose

P, C = Purpose, Category
SHORT = {
    "op": Role.OPERATOR,
    "su": Role.SUPERVISOR,
    "it": Role.IT_SECURITY,
    "an": Role.ANALYST,
    "ex": Role.EXECUTIVE,
    "dp": Role.DPO,
    "au": Role.AUDITOR,
    "ad": Role.ADMINISTRATOR,
    "pf": Role.PLATFORM,
}
PERSONAL_CELLS = """
media.read        image_masked  public_safety        -     op su
media.read        image_masked  incident_response    -     op su
alerts.read       image_masked  public_safety        -     op su
alerts.read       image_masked  incident_response    -     op su
alerts.read       text_masked   public_safety        -     op su
alerts.read       text_masked   public_safety        case  op su an
incidents.read    text_masked   public_safety        -     op su
incidents.read    text_masked   public_safety        case  op su an
alerts.read       text_masked   incident_response    -     op su it
incidents.read    text_masked   incident_response    -     op su it
alerts.read       text_masked   cyber_security       -     it
incidents.read    text_masked   cyber_security       -     it
quarantine.read   text_masked   cyber_security       -     it
quarantine.read   text_masked   incident_response    -     it
reveals.ask       image_clear   incident_response    case  op su
reveals.ask       text_clear    incident_response    case  op su
alerts.read       network       cyber_security       -     it
alerts.read       network       cyber_security       case  it su
alerts.read       network       incident_response    -     it
alerts.read       network       incident_response    case  it su
incidents.read    network       cyber_security       -     it
incidents.read    network       cyber_security       case  it su
incidents.read    network       incident_response    -     it
incidents.read    network       incident_response    case  it su
quarantine.read   network       cyber_security       -     it
quarantine.read   network       incident_response    -     it
alerts.read       pseudonym     public_safety        case  an
incidents.read    pseudonym     public_safety        case  an
alerts.read       pseudonym     cyber_security       -     it
incidents.read    pseudonym     cyber_security       -     it
quarantine.read   pseudonym     cyber_security       -     it
alerts.read       pseudonym     incident_response    -     it
incidents.read    pseudonym     incident_response    -     it
quarantine.read   pseudonym     incident_response    -     it
alerts.read       pseudonym     incident_response    case  op su it
incidents.read    pseudonym     incident_response    case  op su it
identities.ask    pseudonym     incident_response    case  op su it
identities.ask    identity      incident_response    case  op su it
accesses.read     staff         oversight            -     dp au
log.read          staff         oversight            -     dp au
reveals.read      staff         oversight            -     dp au
holds.read        staff         oversight            -     dp au
retention.read    staff         oversight            -     dp au
register.read     staff         oversight            -     dp au
alerts.read       staff         oversight            -     dp au
incidents.read    staff         oversight            -     dp au
accounts.manage   staff         operation            -     ad
tokens.manage     staff         operation            -     ad
alerts.read       staff         public_safety        -     op su it ex
alerts.read       staff         incident_response    -     op su it ex
alerts.read       staff         cyber_security       -     op su it ex
incidents.read    staff         public_safety        -     op su it ex
incidents.read    staff         incident_response    -     op su it ex
incidents.read    staff         cyber_security       -     op su it ex
reveals.read      staff         public_safety        -     op su it ex
reveals.read      staff         incident_response    -     op su it ex
reveals.read      staff         cyber_security       -     op su it ex
stops.read        staff         public_safety        -     op su it ex
stops.read        staff         incident_response    -     op su it ex
stops.read        staff         cyber_security       -     op su it ex
actions.approve   staff         public_safety        -     su ex
actions.approve   staff         incident_response    -     su ex
actions.approve   staff         cyber_security       -     su ex
reveals.approve   staff         incident_response    -     su dp
reveals.approve   staff         oversight            -     su dp
identities.approve staff        incident_response    -     su dp
identities.approve staff        oversight            -     su dp
log.keep          staff         oversight            -     pf
log.keep          staff         operation            -     pf
retention.sweep   staff         oversight            -     pf
retention.sweep   staff         operation            -     pf
"""
"""Who gets which personal data, real and somebody else's, from a controller that is named. `-`: with or without a case,
unless a line with a case says more."""


def _expected() -> set[tuple[Role, str, Category, Purpose, bool]]:
    """Read the table above: role, operation, category, purpose, whether there is a case."""
    cells = set()
    for line in PERSONAL_CELLS.strip().splitlines():
        operation, category, purpose, case, *roles = line.split()
        for short, has_case in itertools.product(roles, (True, False) if case == "-" else (True,)):
            cells.add((SHORT[short], operation, Category(category), Purpose(purpose), has_case))
    return cells


def test_the_whole_matrix_of_personal_data_is_the_table_above_and_nothing_more() -> None:
    """Role, operation, category, purpose, case, tenant: 12 x 40 x 9 x 8 x 2 x 2 cells, each decided."""
    expected, permitted, decided = _expected(), set(), 0
    for role, operation, category, purpose, has_case, owner in itertools.product(
        Role, Operation, sorted(PERSONAL), Purpose, (True, False), (CITY, "bergen")
    ):
        request = asked(role, operation.value, purpose, category, case="7" if has_case else "", owner=owner)
        decided += 1
        if decide(request).is_permitted:
            assert owner == CITY, "another city's data was given"
            permitted.add((role, operation.value, category, purpose, has_case))
    assert decided == len(Role) * len(Operation) * len(PERSONAL) * len(Purpose) * 4
    assert permitted == expected


def test_the_whole_matrix_without_personal_data_is_roles_by_purposes() -> None:
    """What is about nobody follows the role matrix, for the operation's purposes and for exercises."""
    for role, operation, purpose in itertools.product(Role, Operation, Purpose):
        ruling = decide(asked(role, operation.value, purpose))
        serves = purpose in PURPOSES[operation] or purpose is P.EXERCISE
        assert ruling.is_permitted is (operation in MATRIX[role].may and serves), (role, operation, purpose, ruling)


def test_what_each_role_does_by_itself_it_may() -> None:
    """The purpose that is taken when none is named is one that permits, for every cell of the role matrix."""
    for role, grant in MATRIX.items():
        for operation in grant.may:
            assert decide(asked(role, operation.value, own_purpose(role, operation))).is_permitted, (role, operation)


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        (asked(Role.OPERATOR, "reveals.ask", P.INCIDENT_RESPONSE, C.IMAGE_CLEAR), "clear-case"),
        (asked(Role.OPERATOR, "reveals.ask", P.PUBLIC_SAFETY, C.IMAGE_CLEAR, case="7"), "clear-purpose"),
        (asked(Role.ADMINISTRATOR, "alerts.read", P.OPERATION, C.IMAGE_MASKED), "administrator-content"),
        (asked(Role.DPO, "reveals.approve", P.INCIDENT_RESPONSE, C.IMAGE_CLEAR, case="7"), "overseer-content"),
        (asked(Role.AUDITOR, "alerts.read", P.OVERSIGHT, C.TEXT_MASKED), "overseer-content"),
        (asked(Role.PLATFORM, "alerts.read", P.PUBLIC_SAFETY, C.TEXT_CLEAR), "machine-content"),
        (asked(Role.OPERATOR, "media.read", P.EXERCISE, C.IMAGE_MASKED), "exercise-real"),
        (asked(Role.OPERATOR, "history.read", P.OCCUPATIONAL_SAFETY, C.BIOSIGNAL), "biosignal-wearer"),
        (asked(Role.OPERATOR, "media.read", P.PUBLIC_SAFETY, C.IMAGE_MASKED, owner="bergen"), "other-tenant"),
        (asked(Role.PLANNER, "media.read", P.PLANNING, C.IMAGE_MASKED), "role"),
        (asked(Role.OPERATOR, "faces.find", P.PUBLIC_SAFETY), "unknown-operation"),
        (asked(Role.OPERATOR, "media.read", P.CYBER_SECURITY, C.IMAGE_MASKED), "nothing-permits"),
    ],
)
def test_a_refusal_names_the_rule_its_source_and_a_remedy(request_: AccessRequest, rule: str) -> None:
    """Each hard limit refuses under its own name, so that the sentence on the screen is the true one."""
    ruling = decide(request_)
    assert (ruling.is_permitted, ruling.rule) == (False, rule)
    assert ruling.source
    assert ruling.remedy


def _with(request: AccessRequest, **changes: object) -> AccessRequest:
    parts = {name: getattr(request, name) for name in AccessRequest.__slots__}
    return AccessRequest(**{**parts, **changes})  # type: ignore[arg-type]  # tests pass odd values on purpose


def test_clear_content_needs_somebody_who_answers_for_it() -> None:
    """The same reveal, with and without a controller."""
    reveal = asked(Role.OPERATOR, "reveals.ask", P.INCIDENT_RESPONSE, C.IMAGE_CLEAR, case="7")
    assert decide(reveal).rule == "reveal"
    assert decide(_with(reveal, controller="")).rule == "clear-controller"


def test_a_signal_of_the_body_is_for_its_wearer() -> None:
    """Their own, for their own safety at work; the supervisor gets nobody's but their own."""
    own = _with(asked(Role.OPERATOR, "history.read", P.OCCUPATIONAL_SAFETY, C.BIOSIGNAL), is_own=True)
    assert decide(own).rule == "biosignal-own"
    assert decide(_with(own, purpose=P.OVERSIGHT)).rule == "nothing-permits"
    assert decide(_with(own, role=Role.SUPERVISOR, is_own=False)).rule == "biosignal-wearer"


def test_an_exercise_opens_simulated_people_as_in_earnest() -> None:
    """With a case; without one it is refused as it would be in earnest, and real people never show."""
    practice = _with(asked(Role.OPERATOR, "reveals.ask", P.EXERCISE, C.IMAGE_CLEAR, case="7"), is_simulated=True)
    assert decide(practice).rule == "exercise-reveal"
    assert decide(_with(practice, case="")).rule == "clear-case"
    assert decide(_with(practice, is_simulated=False)).rule == "exercise-real"
    identity = _with(practice, operation="identities.ask", category=C.IDENTITY, role=Role.IT_SECURITY)
    assert decide(identity).rule == "exercise-identity"
    assert decide(_with(practice, operation="media.read", category=C.IMAGE_MASKED)).rule == "exercise-masked"


def test_data_of_the_police_serves_neither_planning_nor_work_safety() -> None:
    """The same reading under either law."""
    reading = asked(Role.PLANNER, "alerts.read", P.PLANNING)
    assert decide(reading).is_permitted
    assert decide(_with(reading, regime=Regime.LED)).rule == "led-scope"
    assert decide(_with(reading, role=Role.OPERATOR, purpose=P.PUBLIC_SAFETY, regime=Regime.LED)).is_permitted


@pytest.mark.parametrize("category", sorted(PERSONAL))
def test_no_token_reads_personal_data_whatever_is_written_on_it(category: Category) -> None:
    """Every operation, every purpose, a token that carries them all: never."""
    everything = frozenset(operation.value for operation in Operation)
    for operation, purpose, is_own in itertools.product(Operation, Purpose, (True, False)):
        request = asked(Role.SERVICE, operation.value, purpose, category, case="7")
        assert not decide(_with(request, granted=everything, is_own=is_own, is_simulated=is_own)).is_permitted


@pytest.mark.parametrize("operation", list(Operation))
def test_a_token_does_what_is_written_on_it_if_tokens_can(operation: Operation) -> None:
    """Written and grantable is permitted; one of the two alone is not."""
    request = asked(Role.SERVICE, operation.value, own_purpose(Role.SERVICE, operation))
    assert decide(_with(request, granted=frozenset({operation.value}))).is_permitted is (operation in GRANTABLE)
    assert not decide(request).is_permitted


def test_an_empty_tenant_owns_nothing() -> None:
    """Nobody's data of nobody's city: two empty words are not the same city."""
    request = _with(asked(Role.OPERATOR, "alerts.read", P.PUBLIC_SAFETY), tenant="", owner="")
    assert decide(request).rule == "other-tenant"


def test_adding_a_case_or_a_controller_never_takes_anything_away() -> None:
    """More justification, no less access: 5,000 requests at random."""
    rng = random.Random(3)  # noqa: S311 - reproducible, not secret
    for _ in range(5_000):
        request = any_request(rng)
        if decide(request).is_permitted:
            assert decide(_with(request, case="7", controller=CITY)).is_permitted


def test_no_request_however_odd_raises_and_odd_ones_are_refused() -> None:
    """What is of no kind a request has is malformed; odd words are words, and open nothing that plain ones would not."""
    rng = random.Random(4)  # noqa: S311 - reproducible, not secret
    for _ in range(20_000):
        request = odd_request(rng)
        ruling = decide(request)
        assert ruling.rule in RULES
        if not isinstance(request.role, Role) or not isinstance(request.category, Category):
            assert ruling.rule == "malformed"


def test_every_rule_can_decide() -> None:
    """A rule that no request reaches says nothing: 12 x 40 x 10 x 8 cells with every condition met or not."""
    reached = set()
    for role, operation, category, purpose in itertools.product(Role, [*Operation, "faces.find"], Category, Purpose):
        plain = asked(role, str(operation), purpose, category)
        full = _with(plain, case="7", is_own=True, is_simulated=True, granted=frozenset({str(operation)}))
        reached |= {decide(plain).rule, decide(full).rule}
    extra = [
        asked(Role.OPERATOR, "alerts.read", P.PUBLIC_SAFETY, owner="bergen"),
        _with(asked(Role.PLANNER, "alerts.read", P.PLANNING), regime=Regime.LED),
        _with(asked(Role.OPERATOR, "reveals.ask", P.INCIDENT_RESPONSE, C.IMAGE_CLEAR, case="7"), controller=""),
        _with(asked(Role.OPERATOR, "alerts.read", P.PUBLIC_SAFETY), case=None),
    ]
    reached |= {decide(request).rule for request in extra}
    assert reached == set(RULES)


def test_every_rule_has_a_sentence_and_a_source() -> None:
    """The sentence is read by people and ends; the source is a law, or says that it is the house's."""
    assert len(RULES) == len(FORBIDDEN) + len(PERMITTED) + 1
    for rule in RULES.values():
        assert rule.says.endswith(".")
        assert any(
            word in rule.source for word in ("GDPR", "Directive", "AI Act", "matrix", "house", "fails closed")
        ), rule
        assert rule.remedy or rule in PERMITTED


def test_every_operation_has_a_purpose() -> None:
    """An operation without one would serve any, or none."""
    assert set(PURPOSES) == set(Operation)
    assert all(PURPOSES.values())


def test_clear_is_content_and_content_is_personal() -> None:
    """The kinds lie in each other, and the staff's own doings are no content."""
    assert CLEAR < CONTENT < PERSONAL
    assert {C.STAFF} == PERSONAL - CONTENT
    assert set(Category) - PERSONAL == {C.NONE}


def test_who_can_see_says_roles_and_reasons_together() -> None:
    """Whoever is named can; each comes with a reason of their own; what nobody may names nobody."""
    masked = who_can_see("media.read", C.IMAGE_MASKED)
    assert masked.roles == ("operator", "supervisor")
    assert "masked images" in masked.why
    assert masked.because[0] == MATRIX[Role.OPERATOR].because
    assert who_can_see("media.read", C.IDENTITY).roles == ()
    assert who_can_see("faces.find").roles == ()
    assert who_can_see("accesses.read", C.STAFF).roles == ("dpo", "auditor")
    for operation, category in itertools.product(Operation, Category):
        who = who_can_see(operation, category)
        assert len(who.roles) == len(who.because)
        assert bool(who.roles) is bool(who.says)
