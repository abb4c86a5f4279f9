"""Tokens that parts of the platform take for themselves, to send through the same door as everybody."""

import contextlib
from collections.abc import Sequence

from impetus.core.actor import console
from impetus.core.errors import ImpetusError
from impetus.core.ids import SourceId
from impetus.desk import tokens
from impetus.desk.context import Desk


def fresh_token(desk: Desk, name: str, source: str, operations: Sequence[str] = ("observations.write",)) -> str:
    """Return the secret of a new token for one source; the one of the last start is revoked."""
    for token in tokens.everything(desk, console()):
        if token.name == name and token.source == source and token.revoked_at is None:
            with contextlib.suppress(ImpetusError):
                tokens.revoke(desk, console(), token.id)
    _, secret = tokens.issue(desk, console(), name, operations, SourceId(source))
    return secret
