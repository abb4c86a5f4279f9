"""Pictures as PNG bytes, read back within bounds, and words burnt into them, by Pillow.

Pillow is loaded when the first picture is made: most processes never make one. What is read is checked by its header
before it is unfolded, and only PNG and JPEG are tried: no other decoder ever sees bytes from outside.
"""

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from impetus.core.errors import Malformed, TooLarge
from impetus.core.picture import MAX_SIDE, Pixels, check_pixels

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FORMATS = ("PNG", "JPEG")
MAX_BODY_BYTES = 16 * 1024 * 1024
"""Largest encoded picture read: a 4K PNG of a busy scene. House rule."""
COMPRESSION = 1
"""zlib level: three times as fast as the default for a tenth more bytes. Measured on the demo's frames."""
STAMP_STRENGTH = 0.30
"""How much of a stamp's light or dark is mixed in: legible on a photograph of a screen, not in the way. House rule."""
STAMP_ROWS = 9
"""Lines of words from top to bottom; a crop of an eighth of the height holds one. House rule."""
VIOLET, VIOLET_INK = (69, 52, 140), (233, 226, 255)
"""The mark of simulated input, as on the screens."""
NOTICE_GROUND, NOTICE_INK = (27, 33, 42), (180, 189, 201)


class PillowPictures:
    """Port `Pictures` over Pillow."""

    def encode(self, pixels: Pixels) -> bytes:
        """Return the picture as PNG."""
        from PIL import Image  # noqa: PLC0415 - see above: loaded with the first picture

        out = io.BytesIO()
        Image.fromarray(check_pixels(pixels)).save(out, format="PNG", compress_level=COMPRESSION)
        return out.getvalue()

    def decode(self, body: bytes) -> Pixels:
        """Return the pixels of a PNG or JPEG; `Malformed` or `TooLarge` for anything else, before it is unfolded."""
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - see above: loaded with the first picture

        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(
                f"a picture of {len(body)} bytes", value=len(body), limit=MAX_BODY_BYTES, remedy="make it smaller"
            )
        try:
            with Image.open(io.BytesIO(body), formats=FORMATS) as picture:
                if max(picture.size) > MAX_SIDE:
                    raise TooLarge(
                        f"a picture of {picture.size[0]} x {picture.size[1]} pixels",
                        value=max(picture.size),
                        limit=f"sides up to {MAX_SIDE}",
                        remedy="make it smaller",
                    )
                return np.asarray(picture.convert("RGB"), dtype=np.uint8).copy()
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise Malformed(
                f"{len(body)} bytes are no whole picture",
                value=f"{len(body)} bytes",
                limit=" or ".join(FORMATS),
                remedy="send PNG or JPEG",
            ) from error

    def stamp(self, pixels: Pixels, words: str) -> Pixels:
        """Return fresh pixels with the words repeated all over, light with a dark edge, so that they show on any ground."""
        from PIL import Image, ImageDraw  # noqa: PLC0415 - see above: loaded with the first picture

        height, width = check_pixels(pixels).shape[:2]
        font = _font(max(11, height // 34))
        light, dark = Image.new("L", (width, height)), Image.new("L", (width, height))
        drawn, shadow = ImageDraw.Draw(light), ImageDraw.Draw(dark)
        line = f"{words}      "
        length = max(1, round(drawn.textlength(line, font=font)))
        for row in range(STAMP_ROWS):
            y = (2 * row + 1) * height // (2 * STAMP_ROWS) - font.size // 2
            for x in range(-(row % 3) * length // 3 - length // 4, width, length):
                drawn.text((x, y), line, fill=255, font=font)
                shadow.text((x + 1, y + 1), line, fill=255, font=font)
        ink = np.asarray(light, dtype=np.float32)[..., None] * (STAMP_STRENGTH / 255)
        edge = np.asarray(dark, dtype=np.float32)[..., None] * (STAMP_STRENGTH / 255)
        darkened = pixels * (1 - edge)
        return np.asarray(darkened + (255 - darkened) * ink, dtype=np.uint8)

    def mark(self, pixels: Pixels, words: str) -> Pixels:
        """Return fresh pixels with a violet mark in the corner, over everything: simulated input says so."""
        from PIL import Image, ImageDraw  # noqa: PLC0415 - see above: loaded with the first picture

        picture = Image.fromarray(check_pixels(pixels))
        height = pixels.shape[0]
        font, edge = _font(max(11, height // 30)), max(4, height // 54)
        drawn = ImageDraw.Draw(picture)
        right, bottom = 3 * edge + drawn.textlength(words, font=font), 2 * edge + round(1.4 * font.size)
        drawn.rounded_rectangle((edge, edge, right, bottom), radius=edge, fill=VIOLET)
        drawn.text((2 * edge, (edge + bottom) / 2), words, fill=VIOLET_INK, font=font, anchor="lm")
        return np.asarray(picture, dtype=np.uint8).copy()

    def notice(self, width: int, height: int, words: str) -> Pixels:
        """Return a neutral picture that says something in place of one that may not be shown."""
        from PIL import Image, ImageDraw  # noqa: PLC0415 - see above: loaded with the first picture

        picture = Image.new("RGB", (width, height), NOTICE_GROUND)
        font = _font(max(12, height // 22))
        drawn = ImageDraw.Draw(picture)
        drawn.text((width / 2, height / 2), words, fill=NOTICE_INK, font=font, anchor="mm", align="center")
        return np.asarray(picture, dtype=np.uint8).copy()


@lru_cache(maxsize=16)
def _font(size_px: int) -> "FreeTypeFont":
    """Return the font Pillow brings along, at a size in pixels."""
    from PIL import ImageFont  # noqa: PLC0415 - see above: loaded with the first picture
    from PIL.ImageFont import FreeTypeFont  # noqa: PLC0415 - as above

    font = ImageFont.load_default(size_px)
    if not isinstance(font, FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType")
    return font
