"""How much of others' words is read at most; apart, because who fetches them need not know XML."""

from typing import Final

MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes of a document; the largest alert seen has 24 KB, a national feed under 1 MB. House rule."""
