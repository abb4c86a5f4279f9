"""What may be asked of the guard: who wants to do what, with which kind of data, why, and for which case."""

from dataclasses import dataclass
from enum import StrEnum

from impetus.core.actor import Role


class Purpose(StrEnum):
    """Why something is processed; every access names exactly one (GDPR, article 5(1)(b))."""

    PUBLIC_SAFETY = "public_safety"
    INCIDENT_RESPONSE = "incident_response"
    CYBER_SECURITY = "cyber_security"
    OCCUPATIONAL_SAFETY = "occupational_safety"
    PLANNING = "planning"
    OVERSIGHT = "oversight"
    OPERATION = "operation"
    EXERCISE = "exercise"


class Category(StrEnum):
    """What kind of data it is, from no personal data at all to an identity brought back.

    `none`: counts and measurements of places, alerts and incidents about them. `staff`: who of the staff did what.
    `*_masked` and `*_clear`: with and without the mask over persons. `network`: addresses and handles in logs.
    """

    NONE = "none"
    STAFF = "staff"
    IMAGE_MASKED = "image_masked"
    IMAGE_CLEAR = "image_clear"
    TEXT_MASKED = "text_masked"
    TEXT_CLEAR = "text_clear"
    NETWORK = "network"
    PSEUDONYM = "pseudonym"
    IDENTITY = "identity"
    BIOSIGNAL = "biosignal"


class Regime(StrEnum):
    """Under which law an operation runs: the General Data Protection Regulation, or Directive (EU) 2016/680."""

    GDPR = "gdpr"
    LED = "led"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """One question to the guard. `case` is an open incident's or project's number as text, empty for none.

    `tenant` is whom the actor works for, `owner` whose data it is, `controller` who answers for the processing.
    `granted` are the operations on a service's token. `is_simulated`: nobody real is in it. `is_own`: it is about the
    one who asks, and about nobody else.
    """

    role: Role
    operation: str
    purpose: Purpose
    category: Category
    case: str = ""
    tenant: str = ""
    owner: str = ""
    regime: Regime = Regime.GDPR
    granted: frozenset[str] = frozenset()
    controller: str = ""
    is_simulated: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The guard's answer. `rule` says which rule decided, `source` on which law or house rule it rests."""

    is_permitted: bool
    rule: str
    source: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What personal data is wanted for: one category, one purpose, the case, the reason in words, who gets a copy.

    `controller` is empty for the installation's own; `is_simulated` and `is_own` as in `AccessRequest`.
    """

    category: Category
    purpose: Purpose
    case: str = ""
    why: str = ""
    recipient: str = ""
    regime: Regime = Regime.GDPR
    controller: str = ""
    is_simulated: bool = False
    is_own: bool = False
