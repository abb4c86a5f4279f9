"""One page of a list, the same for every port."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items and, when there are more, the cursor to ask for them with."""

    items: tuple[T, ...]
    next: str | None = None
