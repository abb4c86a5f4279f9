"""The four families of errors: whose fault it is decides what happens next.

Every error carries what it is about (`value`), the limit it broke (`limit`) and what would help (`remedy`), and knows
its HTTP status and exit code, so that no edge has to guess.
"""

from typing import ClassVar


class ImpetusError(Exception):
    """Something is wrong, and this says what, against which limit, and what would help."""

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 70
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, value: object = None, limit: object = None, remedy: str = "") -> None:
        """Keep the sentence and its three parts; `value` and `limit` may be absent, `remedy` should not be."""
        super().__init__(detail)
        self.detail = detail
        self.value = value
        self.limit = limit
        self.remedy = remedy

    def problem(self) -> dict[str, object]:
        """Return the RFC 9457 problem document of this error."""
        document: dict[str, object] = {
            "type": f"urn:impetus:problem:{type(self).__name__}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.value is not None:
            document["value"] = str(self.value)[:200]
        if self.limit is not None:
            document["limit"] = str(self.limit)[:200]
        if self.remedy:
            document["remedy"] = self.remedy
        return document


class OurFault(ImpetusError):
    """A bug or a wrong configuration of this installation."""

    status = 500
    exit_code = 70
    title = "The platform is at fault"


class Misconfigured(OurFault):
    """A setting is missing or outside its range."""

    exit_code = 78
    title = "Configuration is wrong"


class TheirFault(ImpetusError):
    """The other side sent something that cannot be used; it is quarantined, never a crash."""

    status = 422
    exit_code = 65
    title = "Input refused"


class Malformed(TheirFault):
    """The input does not follow its format."""

    status = 400
    title = "Input is malformed"


class TooLarge(TheirFault):
    """The input is larger than what is accepted at once."""

    status = 413
    title = "Input is too large"


class Unknown(TheirFault):
    """What is named does not exist here."""

    status = 404
    title = "Not found"


class Conflict(TheirFault):
    """Somebody else changed it first, or its state does not allow this."""

    status = 409
    title = "State does not allow this"


class Refused(ImpetusError):
    """Policy said no: the rule, its source, and what would make it allowed."""

    status = 403
    exit_code = 77
    title = "Refused"

    def __init__(
        self,
        detail: str,
        *,
        rule: str,
        value: object = None,
        limit: object = None,
        source: str = "",
        remedy: str = "",
    ) -> None:
        """Keep the rule that refused and the legal or house source it rests on."""
        super().__init__(detail, value=value, limit=limit, remedy=remedy)
        self.rule = rule
        self.source = source

    def problem(self) -> dict[str, object]:
        """Return the problem document with the rule and its source."""
        return {**super().problem(), "rule": self.rule, **({"source": self.source} if self.source else {})}


class Unauthenticated(Refused):
    """Nobody, or nobody we know, asked."""

    status = 401
    title = "Sign in first"


class Stopped(Refused):
    """A person stopped it with the kill switch; a named person starts it again."""

    title = "Stopped by a person"


class NotNow(ImpetusError):
    """The request is fine, the moment is not: try again after `retry_after_s` seconds."""

    status = 503
    exit_code = 75
    title = "Not now"

    def __init__(
        self, detail: str, *, retry_after_s: float, value: object = None, limit: object = None, remedy: str = ""
    ) -> None:
        """Keep the seconds to wait, more than 0."""
        super().__init__(detail, value=value, limit=limit, remedy=remedy or f"try again in {retry_after_s:g} s")
        self.retry_after_s = retry_after_s

    def problem(self) -> dict[str, object]:
        """Return the problem document with the seconds to wait."""
        return {**super().problem(), "retry_after_s": self.retry_after_s}
