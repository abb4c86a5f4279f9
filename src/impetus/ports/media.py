"""Protocols of what is seen and read: cameras, masks over persons, pictures as bytes, words about texts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.picture import CameraSight, Frame, Pixels


class Media(Protocol):
    """The cameras of an installation, behind whatever carries their pictures."""

    def cameras(self) -> Sequence[CameraSight]:
        """Return every camera there is, by key."""
        ...

    def frame(self, camera: str, at: datetime) -> Frame:
        """Return the newest frame at that time; `Unknown` for no such camera, `NotNow` while it gives no picture."""
        ...


class Masks(Protocol):
    """Makes the picture that may be shown by default: nobody in it can be told from anybody else."""

    def masked(self, frame: Frame) -> Pixels | None:
        """Return fresh pixels without any pixel of a person, or None: a frame in which nobody looked for persons."""
        ...


class Pictures(Protocol):
    """Pictures as bytes, and words burnt into them."""

    def encode(self, pixels: Pixels) -> bytes:
        """Return the picture as PNG."""
        ...

    def decode(self, body: bytes) -> Pixels:
        """Return the pixels of a PNG or JPEG; `Malformed` or `TooLarge` for anything else, before it is unfolded."""
        ...

    def stamp(self, pixels: Pixels, words: str) -> Pixels:
        """Return fresh pixels with the words repeated all over, faint but legible, so that no crop is without them."""
        ...

    def mark(self, pixels: Pixels, words: str) -> Pixels:
        """Return fresh pixels with a violet mark in a corner: simulated input says so, on every picture."""
        ...

    def notice(self, width: int, height: int, words: str) -> Pixels:
        """Return a neutral picture that says something in place of one that may not be shown."""
        ...


class TextMasks(Protocol):
    """What masking a text needs to know from outside: numbers that are phones, words that are names."""

    def phones(self, text: str) -> Sequence[tuple[int, int]]:
        """Return begin and end of each phone number, in characters."""
        ...

    def is_given_name(self, word: str) -> bool:
        """Say whether somebody is called so by first name, in any of the languages known; case does not matter."""
        ...

    def is_family_name(self, word: str) -> bool:
        """Say whether somebody is called so by last name; case does not matter."""
        ...
