"""The port `Policy` over the policy engine Cedar, and what stands in its place when the engine is not installed.

A question about nobody's data meets the policies of its role and of `IMPERSONAL`, any other those of `PERSONAL`: each file
names the role or the categories it speaks of, so the slice decides as the whole would (a test says so), in half the time.

**Source**: Cedar policy language, version 4: default deny, and a forbid outweighs every permit.
"""

import logging
from collections import OrderedDict
from functools import cache
from importlib import resources
from typing import Final

import orjson

from impetus.core.access import AccessRequest, Category, Purpose, Regime, Ruling
from impetus.core.actor import Role
from impetus.ports.ethics import Policy

SCHEMA: Final = "impetus.cedarschema"
ENTITIES: Final = "entities.json"
IMPERSONAL: Final = ("always", "purposes")
PERSONAL: Final = ("always", "never", "people")
"""Policy files by the category asked about; each role has a file of its own beside `IMPERSONAL`."""
REMEMBERED: Final = 4096
"""Questions whose answers are kept, some 2 MB; the answer depends on the question alone. House rule."""
SOURCE: Final = "policies of the installation (Cedar)"
log = logging.getLogger(__name__)


def read_policies(*names: str) -> str:
    """Return the text of these policy files, one after the other."""
    folder = resources.files(__package__)
    return "\n".join((folder / f"{name}.cedar").read_text(encoding="utf-8") for name in names)


def read_schema() -> str:
    """Return the text of the schema."""
    return (resources.files(__package__) / SCHEMA).read_text(encoding="utf-8")


def read_entities() -> str:
    """Return the roles with their teams and the categories with their kinds, as the engine's JSON."""
    return (resources.files(__package__) / ENTITIES).read_text(encoding="utf-8")


class CedarPolicy:
    """Port `Policy`; policies and schema are parsed when it is made, and `ValueError` says where they cannot be."""

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        """Parse; `remembered` is how many answers are kept, 0 for none."""
        import cedarpy  # noqa: PLC0415 - an engine that is not installed is reported by `open_policy`, not a crash

        self._ask = cedarpy.is_authorized
        self._impersonal = {
            role: cedarpy.PolicySet.from_str(read_policies(*IMPERSONAL, f"roles/{role.value}")) for role in Role
        }
        self._personal = cedarpy.PolicySet.from_str(read_policies(*PERSONAL))
        self._entities = cedarpy.Entities.from_json_str(read_entities(), cedarpy.Schema.from_str(read_schema()))
        self._remembered = remembered
        self._answers: OrderedDict[AccessRequest, Ruling] = OrderedDict()

    def decide(self, request: AccessRequest) -> Ruling:
        """Return the decision; a request that cannot be read, and an engine in trouble, refuse."""
        try:
            known = self._answers.get(request)
        except TypeError:
            return _refused("malformed")
        if known is not None:
            return known
        ruling = self._decide(request)
        if self._remembered:
            self._answers[request] = ruling
            while len(self._answers) > self._remembered:
                self._answers.popitem(last=False)
        return ruling

    def _decide(self, request: AccessRequest) -> Ruling:
        """Ask the engine."""
        question = _question(request)
        if question is None:
            return _refused("malformed")
        try:
            policies = self._impersonal[request.role] if request.category is Category.NONE else self._personal
            answer = self._ask(question, policies, self._entities)
        except ValueError as error:
            log.warning("the policy engine could not read a request: %s", error)
            return _refused("malformed")
        named = sorted(answer.diagnostics.id_annotations_by_reason.values())
        if answer.diagnostics.errors:
            log.error("the policy engine failed: %s", "; ".join(answer.diagnostics.errors))
            return _refused("engine-error")
        return Ruling(is_permitted=answer.allowed, rule=", ".join(named) or "nothing-permits", source=SOURCE)


class MissingPolicy:
    """Port `Policy` where the engine is not installed: refuses everything, and says what is missing."""

    def __init__(self, why: str) -> None:
        self._ruling = Ruling(
            is_permitted=False,
            rule="policy-engine-missing",
            source="the guard fails closed",
            remedy=f"install the package cedarpy ({why}): run `make setup`",
        )

    def decide(self, request: AccessRequest) -> Ruling:
        """Refuse."""
        del request
        return self._ruling


def open_policy() -> Policy:
    """Return Cedar, parsed once a process; where it is not installed, what refuses everything and says so."""
    return _opened()


@cache
def _opened() -> Policy:
    try:
        return CedarPolicy()
    except ImportError as error:
        log.critical("the package cedarpy is missing (%s): everything is refused until `make setup` was run", error)
        return MissingPolicy(str(error))


def _question(request: AccessRequest) -> dict[str, object] | None:
    """Return the request in the engine's words, None when a part of it is of another kind."""
    kinds = (
        (request.role, Role),
        (request.purpose, Purpose),
        (request.category, Category),
        (request.regime, Regime),
        (request.is_simulated, bool),
        (request.is_own, bool),
        (request.granted, frozenset),
        *((word, str) for word in (request.operation, request.case, request.tenant, request.owner, request.controller)),
    )
    if any(not isinstance(value, kind) for value, kind in kinds):
        return None
    said: dict[str, object] = {
        "case": request.case,
        "controller": request.controller,
        "isSimulated": request.is_simulated,
        "isOwn": request.is_own,
    }
    context = {name: value for name, value in said.items() if value} | {
        "purpose": request.purpose.value,
        "tenant": request.tenant,
        "owner": request.owner,
        "regime": request.regime.value,
    }
    if request.granted or request.role is Role.SERVICE:
        context |= {"operation": request.operation, "granted": list(request.granted)}
    try:
        written = orjson.dumps(context).decode()
    except TypeError:  # a text with a lone surrogate, or no text at all
        return None
    return {
        "principal": {"type": "Role", "id": request.role.value},
        "action": {"type": "Action", "id": request.operation},
        "resource": {"type": "Category", "id": request.category.value},
        "context": written,
    }


def _refused(rule: str) -> Ruling:
    return Ruling(
        is_permitted=False, rule=rule, source="the guard fails closed", remedy="report it; this is a fault of ours"
    )
