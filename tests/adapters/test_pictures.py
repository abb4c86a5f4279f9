"""Pictures as bytes: they come back, bombs do not unfold, and a stamp survives cropping and copying."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from impetus.adapters.pictures import MAX_BODY_BYTES, STAMP_ROWS, PillowPictures
from impetus.core.errors import Malformed, TheirFault, TooLarge
from impetus.core.picture import MAX_SIDE, Pixels

PICTURES = PillowPictures()
WORDS = "kari · operator · 2026-05-03 14:08:12Z · reveal 7 · armed person"


def grey(height: int = 270, width: int = 480, value: int = 128) -> Pixels:
    """Return a flat picture."""
    return np.full((height, width, 3), value, dtype=np.uint8)


def encoded(pixels: Pixels, form: str) -> bytes:
    """Return a picture in some format."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format=form)
    return out.getvalue()


@given(height=st.integers(1, 30), width=st.integers(1, 30), seed=st.integers(0, 99))
def test_a_picture_comes_back_pixel_by_pixel(height: int, width: int, seed: int) -> None:
    """PNG loses nothing."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert (PICTURES.decode(PICTURES.encode(pixels)) == pixels).all()


def test_a_jpeg_is_read_too() -> None:
    """As cameras send it."""
    assert abs(int(PICTURES.decode(encoded(grey(), "JPEG"))[9, 9, 0]) - 128) <= 2


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "WEBP"])
def test_no_other_decoder_sees_bytes_from_outside(form: str) -> None:
    """Two formats are enough, and two decoders to trust."""
    with pytest.raises(Malformed, match="no whole picture"):
        PICTURES.decode(encoded(grey(8, 8), form))


def bomb(side: int) -> bytes:
    """Return a small PNG that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [MAX_SIDE + 1, 60_000, 2**31 - 1])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    """Before a pixel is unfolded."""
    with pytest.raises(TheirFault):
        PICTURES.decode(bomb(side))


def test_a_body_without_end_is_not_even_looked_at() -> None:
    """Sixteen mebibytes are enough."""
    with pytest.raises(TooLarge, match="bytes"):
        PICTURES.decode(bytes(MAX_BODY_BYTES + 1))


@given(body=st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_refused(body: bytes) -> None:
    """With and without the signature in front."""
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        with pytest.raises(TheirFault):
            PICTURES.decode(start + body)


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_a_damaged_png_is_refused_or_read_whole(place: int) -> None:
    """Never a crash."""
    body = bytearray(PICTURES.encode(grey(20, 20)))
    body[place % len(body)] ^= 0xFF
    try:
        size = PICTURES.decode(bytes(body)).shape
    except TheirFault:
        size = (20, 20, 3)
    assert size[2] == 3


@pytest.mark.parametrize("value", [0, 60, 128, 200, 255])
def test_a_stamp_shows_on_any_ground(value: int) -> None:
    """Light with a dark edge: in every eighth of the height something of it is at least 20 steps off the ground."""
    stamped = PICTURES.stamp(grey(value=value), WORDS).astype(int)
    band = 270 // (STAMP_ROWS - 1)
    for top in range(0, 270 - band, band):
        assert np.abs(stamped[top : top + band] - value).max() >= 20, top


def test_a_stamp_is_in_every_quarter_and_covers_little() -> None:
    """A crop keeps it; the picture stays usable: under a fifth of the pixels change."""
    changed = (PICTURES.stamp(grey(540, 960), WORDS) != 128).any(axis=2)
    assert all(changed[y : y + 270, x : x + 480].sum() > 500 for y in (0, 270) for x in (0, 480))
    assert changed.mean() < 0.2


def test_a_stamp_survives_a_photograph_of_the_screen() -> None:
    """Compressed hard and made smaller, the stamped picture is still nearer to its stamp than to another's."""
    plain, other = grey(540, 960), PICTURES.stamp(grey(540, 960), "sol · supervisor · 2026-05-03 15:00:00Z · reveal 9")
    mine = PICTURES.stamp(plain, WORDS)
    photo = Image.open(io.BytesIO(encoded(mine, "JPEG"))).resize((640, 360)).resize((960, 540))
    seen = np.asarray(photo, dtype=float) - 128

    def alike(stamp: Pixels) -> float:
        mark = stamp.astype(float) - 128
        return float((seen * mark).sum() / np.sqrt((seen**2).sum() * (mark**2).sum()))

    assert alike(mine) > 0.5
    assert alike(mine) > 2 * alike(other)


def test_the_mark_of_simulated_input_is_violet_and_in_the_corner() -> None:
    """Over everything, and only there."""
    marked = PICTURES.mark(grey(), "Simulated  C14")
    changed = (marked != 128).any(axis=2)
    assert changed[:60, :200].sum() > 1000
    assert not changed[80:].any()
    red, green, blue = marked[20, 12].astype(int)
    assert blue > red > green


def test_a_notice_has_the_size_of_what_it_stands_for() -> None:
    """Words on a neutral ground."""
    notice = PICTURES.notice(320, 180, "Not masked, so not shown")
    assert notice.shape == (180, 320, 3)
    assert len(np.unique(notice.reshape(-1, 3), axis=0)) > 2


def test_the_given_pixels_are_never_changed() -> None:
    """Stamp and mark return fresh pixels."""
    pixels = grey()
    PICTURES.stamp(pixels, WORDS)
    PICTURES.mark(pixels, "Simulated")
    assert (pixels == 128).all()
