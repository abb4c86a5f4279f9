"""What a browser may keep for the time without the server: only answers that are marked here, under their account.

A page is marked by whoever makes it, never by its address, so that nothing is kept because somebody forgot to forbid it:
no evidence, no name behind a pseudonym, no clear picture, no page of accounts carries the mark. Decision record 0019.
"""

from collections.abc import Mapping

from impetus.core.actor import Actor

KEEP = "Impetus-Keep"
"""Header that lets our service worker keep an answer; its value is the account whose answer it is."""


def keep(actor: Actor) -> Mapping[str, str]:
    """Return the header that marks an answer to be kept for this person; none for who has no account."""
    return {} if actor.account is None else {KEEP: str(actor.account)}
