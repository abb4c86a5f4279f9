"""Purpose-bound access, decided over tables: who does what, with which kind of data, for what, in which case, for whom.

How it works: a forbidding rule that fits refuses, whatever else is written (`FORBIDDEN`, in this order; the first gives the
reason). Otherwise the first permitting rule that fits permits (`PERMITTED`). Otherwise it is refused: deny by default. A
rule without roles, operations, purposes or categories fits all of them; `when` is what it asks beyond these.

Deliberately not here: whether a case is open and whether a second person approved, which are facts of the state. The desk
looks them up and passes only an open case; approval is the lifecycle of a reveal.

A second evaluator decides the same from policies written by hand in another language (`adapters/cedar`), and the desk
permits only what both permit; so nothing here is shared with it.

**Source**: GDPR, articles 5, 6, 9, 25 and 32; Directive (EU) 2016/680, articles 1, 4, 9, 20 and 25.
"""

from impetus.core.access import AccessRequest, Ruling
from impetus.ethics.forbidden import FORBIDDEN
from impetus.ethics.permitted import PERMITTED
from impetus.ethics.rule import Rule

DEFAULT = Rule(
    id="nothing-permits",
    says="No rule gives this kind of data to this role for this purpose.",
    source="GDPR, article 25(2): deny by default",
    remedy="ask somebody whose role may, or for a purpose it is given for",
)
RULES = {rule.id: rule for rule in (*FORBIDDEN, *PERMITTED, DEFAULT)}


def decide(request: AccessRequest) -> Ruling:
    """Return the decision with the rule that took it; never raises for a request, however odd.

    >>> from impetus.core.access import Category, Purpose
    >>> from impetus.core.actor import Role
    >>> ask = AccessRequest(role=Role.OPERATOR, operation="media.read", purpose=Purpose.PUBLIC_SAFETY,
    ...                     category=Category.IMAGE_MASKED, tenant="oslo", owner="oslo")
    >>> decide(ask).is_permitted, decide(ask).rule
    (True, 'masked-images')
    """
    for rule in FORBIDDEN:
        if rule.fits(request):
            return _ruling(rule, is_permitted=False)
    for rule in PERMITTED:
        if rule.fits(request):
            return _ruling(rule, is_permitted=True)
    return _ruling(DEFAULT, is_permitted=False)


def _ruling(rule: Rule, *, is_permitted: bool) -> Ruling:
    return Ruling(is_permitted=is_permitted, rule=rule.id, source=rule.source, remedy=rule.remedy)
