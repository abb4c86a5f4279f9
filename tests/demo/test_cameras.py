"""The drawn cameras: geometry worked by hand, the same picture at the same moment, people known to the pixel."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.adapters.no_media import NoMedia
from impetus.core.errors import Unknown
from impetus.core.picture import check_pixels
from impetus.demo.camera import HEIGHT, WIDTH, DrawnCameras, background, scene, view_of
from impetus.demo.draw import CAMERAS
from impetus.demo.view import NEAR_M, View
from impetus.demo.walkers import figure_box, walkers

AT = datetime(2026, 5, 3, 14, 8, 12, tzinfo=UTC)
NORTH = View(spot=(0, 0), height_m=6, heading_deg=0, pitch_deg=0, span_deg=90, width=960, height=540)
"""Six metres up, looking level to the north, a quarter of the circle wide: a focal length of 480 pixels."""


def near(pixel: tuple[float, float] | None, expected: tuple[float, float]) -> bool:
    """Say whether a pixel is where it should be, to a thousandth."""
    return pixel is not None and math.dist(pixel, expected) < 1e-3


def test_what_lies_straight_ahead_at_the_cameras_height_is_in_the_middle() -> None:
    """Forty-eight metres north, six up."""
    assert near(NORTH.pixel((0, 48, 6)), (480, 270))


def test_a_metre_is_ten_pixels_at_forty_eight_metres() -> None:
    """480 pixels of focal length over 48 metres: to the right, and down."""
    assert near(NORTH.pixel((1, 48, 6)), (490, 270))
    assert near(NORTH.pixel((0, 48, 5)), (480, 280))
    assert near(NORTH.pixel((0, 48, 0)), (480, 330))


def test_the_edge_of_a_quarter_circle_is_the_edge_of_the_picture() -> None:
    """As far to the right as ahead: 45 degrees, pixel 960."""
    assert near(NORTH.pixel((48, 48, 6)), (960, 270))


@pytest.mark.parametrize(
    ("heading_deg", "ahead"), [(0, (0, 48)), (90, (48, 0)), (180, (0, -48)), (270, (-48, 0)), (45, (34, 34))]
)
def test_headings_turn_clockwise_from_north(heading_deg: float, ahead: tuple[float, float]) -> None:
    """East is 90: what lies there is in the middle then."""
    pixel = replace(NORTH, heading_deg=heading_deg).pixel((*ahead, 6))
    assert near(pixel, (480, 270))


def test_looking_down_lifts_the_horizon() -> None:
    """At 10 degrees below level the horizon is 480·tan 10° = 84.6 pixels above the middle."""
    down = replace(NORTH, pitch_deg=10)
    assert down.horizon_px() == pytest.approx(270 - 84.637, abs=0.01)
    far = down.pixel((0, 1e7, 6))
    assert far is not None
    assert far[1] == pytest.approx(down.horizon_px(), abs=0.01)


def test_what_is_behind_is_not_seen() -> None:
    """Nor what is nearer than the near plane."""
    assert NORTH.pixel((0, -1, 6)) is None
    assert NORTH.pixel((0, NEAR_M, 6)) is None


def test_a_surface_that_passes_behind_is_cut_and_not_turned_inside_out() -> None:
    """A carpet under the camera keeps its near edge below the picture, its far edge below the horizon."""
    outline = NORTH.outline([(-5, -20, 0), (5, -20, 0), (5, 20, 0), (-5, 20, 0)])
    assert len(outline) == 4
    assert all(y > 270 for _, y in outline)
    assert NORTH.outline([(-5, -20, 0), (5, -20, 0), (0, -30, 0)]) == []


@given(
    x=st.floats(-100, 100),
    y=st.floats(-100, 100),
    heading_deg=st.integers(0, 359),
    pitch_deg=st.integers(0, 40),
)
def test_heights_are_upright(x: float, y: float, heading_deg: int, pitch_deg: int) -> None:
    """Whatever the camera does, a head is above its feet, for all who stand before it."""
    view = replace(NORTH, heading_deg=heading_deg, pitch_deg=pitch_deg)
    feet, head = view.pixel((x, y, 0)), view.pixel((x, y, 1.8))
    heading = math.radians(heading_deg)
    is_ahead = x * math.sin(heading) + y * math.cos(heading) > 1
    if is_ahead and feet is not None and head is not None:
        assert head[1] < feet[1]


def test_the_same_moment_gives_the_same_picture() -> None:
    """Another process, another hour: to the pixel, so that a look back shows what was there."""
    one, other = (DrawnCameras().frame("c14", AT) for _ in range(2))
    assert (one.pixels == other.pixels).all()
    assert one.boxes == other.boxes


def test_people_walk() -> None:
    """A second later somebody is elsewhere, and nobody has jumped: at most two metres a second."""
    for walker in walkers():
        here, there = walker.spot(AT), walker.spot(AT + timedelta(seconds=1))
        assert math.dist(here, there) <= 2.0
    assert DrawnCameras().frame("c14", AT).boxes != DrawnCameras().frame("c14", AT + timedelta(seconds=1)).boxes


def test_people_stay_near_the_square() -> None:
    """At any hour of a day."""
    for hour in range(24):
        for walker in walkers():
            east, north = walker.spot(AT + timedelta(hours=hour))
            assert abs(east) <= 75
            assert abs(north) <= 75


@pytest.mark.parametrize("camera", sorted(CAMERAS))
def test_every_camera_of_the_plan_gives_a_frame(camera: str) -> None:
    """With boxes, outline and background of one size, marked as simulated; somebody is before each within the hour."""
    cameras = DrawnCameras()
    frames = [cameras.frame(camera, AT + timedelta(minutes=minutes)) for minutes in range(0, 60, 10)]
    for frame in frames:
        assert check_pixels(frame.pixels).shape == (HEIGHT, WIDTH, 3)
        assert frame.background is not None
        assert frame.outline is not None
        assert frame.background.shape == frame.pixels.shape
        assert frame.outline.shape == (HEIGHT, WIDTH)
        assert frame.simulated
    assert any(frame.boxes for frame in frames)


def test_every_pixel_of_a_person_lies_in_a_box() -> None:
    """Else masks by boxes could not be tried on these pictures."""
    for camera in sorted(CAMERAS):
        shown = scene(view_of(camera), walkers(), AT)
        covered = np.zeros(shown.truth.shape, dtype=bool)
        for box in shown.boxes:
            covered[max(0, box.top - 2) : max(0, box.bottom + 2), max(0, box.left - 2) : max(0, box.right + 2)] = True
        assert not (shown.truth & ~covered).any(), camera


def test_where_nobody_is_the_picture_is_the_background() -> None:
    """The outline is exact: outside of it nothing changed, inside of it nearly everything."""
    shown = scene(view_of("c14"), walkers(), AT)
    changed = (shown.pixels != shown.background).any(axis=2)
    assert not (changed & ~shown.truth).any()
    assert (changed & shown.truth).sum() > 0.9 * shown.truth.sum()


def test_near_people_have_faces() -> None:
    """Eyes and a mouth: there is something to hide."""
    tall = replace(walkers()[0], start=(-14.0, 30.0), end=(-14.0, 30.0), period_s=60.0)
    view = view_of("c14")
    box = figure_box(view, tall, AT)
    assert box is not None
    shown = scene(view, [tall], AT)
    head = shown.pixels[box.top : box.top + (box.bottom - box.top) // 5, box.left : box.right].reshape(-1, 3)
    assert (head == (26, 30, 38)).all(axis=1).any()


def test_who_is_out_of_sight_has_no_box() -> None:
    """Behind the camera, far to the side, or a speck."""
    view, walker = view_of("c6"), walkers()[0]
    for spot in ((0.0, -300.0), (3000.0, 0.0), (0.0, 5000.0)):
        assert figure_box(view, replace(walker, start=spot, end=spot), AT) is None


def test_the_background_is_drawn_once_and_cannot_be_spoiled() -> None:
    """Masks build on it: it is read-only."""
    drawn = background(view_of("c14"))
    assert background(view_of("c14")) is drawn
    with pytest.raises(ValueError, match="read-only"):
        drawn[0, 0] = 0


def test_cameras_are_listed_with_place_and_source() -> None:
    """C1 before C10, each where the plan has it, as a thing of the square."""
    rows = DrawnCameras().cameras()
    assert [row.key for row in rows][:3] == ["c1", "c2", "c3"]
    assert rows[-1].thing == "square/c14"
    assert all(row.simulated and row.point is not None for row in rows)


@pytest.mark.parametrize("camera", ["c99", "", "C14", "../c1"])
def test_no_other_camera_exists(camera: str) -> None:
    """Drawn or not connected at all."""
    with pytest.raises(Unknown):
        DrawnCameras().frame(camera, AT)
    with pytest.raises(Unknown):
        NoMedia().frame(camera, AT)
    assert NoMedia().cameras() == ()
