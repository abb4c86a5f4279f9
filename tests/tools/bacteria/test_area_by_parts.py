"""Wind, plume, squares and outlines part by part: hand-worked numbers, SciPy's student, and what must stay bounded."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from impetus.core.ids import ThingKey
from impetus.core.place import Point
from impetus.core.source_area import MAX_CORNERS, MAX_SAMPLERS, AreaKind, Wind, from_metres, to_metres
from impetus.tools.bacteria.outline import _cut, _few, _walk, grown, outlines
from impetus.tools.bacteria.plume import LEAST_WIND_MPS, SPREAD_AT_SOURCE_M, URBAN, Stability, along_wind, dilution
from impetus.tools.bacteria.plume_kernels import (
    FIRST_RATIO,
    RATIO_STEP,
    RATIOS,
    TAIL,
    _looked_up,
    diluted,
    likelihoods,
    misfit,
)
from impetus.tools.bacteria.source import (
    KINDS,
    LASTING_DEG,
    LEAST_MARGIN_M,
    MASS,
    MAX_DIVIDED,
    MAX_SAMPLES,
    OFFSETS,
    PASSING_DEG,
    SECTOR_PLUME_DEG,
    SECTOR_SIGMAS,
    AirSample,
    _columns,
    _doubt,
    _drawn,
    _Grid,
    _newest,
    _searched,
    _used,
    _wandering_deg,
    fewest,
    locate,
)
from impetus.tools.bacteria.wind import NEAR_US, PARTS, during, mean_wind, winds_of

OSLO = Point(lon=10.73, lat=59.91)
HOUR_US = 3_600_000_000
STEADY = Wind(from_deg=270.0, speed_mps=4.0, spread_deg=11.0)


def drawn(
    place: int = 0, *, east: float = 0.0, north: float = 0.0, hour: int = 1, measured: float = 900.0, **about: float
) -> AirSample:
    """Return an hour's sample of a sampler east and north of Oslo's harbour."""
    known: dict[str, float] = {"expected": 200.0, "spread": 100.0, "limit": 0.0, **about}
    return AirSample(
        thing=ThingKey(f"air/s{place}"),
        name=f"S{place}",
        point=from_metres(OSLO, east, north),
        began_us=(hour - 1) * HOUR_US,
        ended_us=hour * HOUR_US,
        measured=measured,
        **known,
    )


@pytest.mark.parametrize(
    ("bearings", "mean"),
    [([0.0, 90.0], 45.0), ([350.0, 20.0], 5.0), ([180.0, 270.0], 225.0), ([359.0, 1.0, 0.0], 0.0), ([90.0], 90.0)],
)
def test_directions_are_averaged_as_arrows(bearings: list[float], mean: float) -> None:
    """Around the circle and never across it."""
    found = mean_wind(np.full(len(bearings), 3.0), np.array(bearings)).from_deg
    assert math.cos(math.radians(found - mean)) == pytest.approx(1.0)
    assert 0.0 <= found < 360.0 or found == pytest.approx(360.0)


def test_the_spread_of_opposite_winds_is_as_large_as_it_gets() -> None:
    """By Yamartino's formula 90 degrees times 2 over the root of 3: 103.9; of a right angle 45.6."""
    assert mean_wind(np.ones(2), np.array([0.0, 180.0])).spread_deg == pytest.approx(90 * 2 / math.sqrt(3), abs=0.01)
    right = math.degrees(math.asin(math.sqrt(0.5))) * (1 + (2 / math.sqrt(3) - 1) * 0.5**1.5)
    assert mean_wind(np.ones(2), np.array([0.0, 90.0])).spread_deg == pytest.approx(right)


@settings(max_examples=40)
@given(some.lists(some.floats(0, 360), min_size=1, max_size=8), some.floats(0, 360))
def test_turning_all_readings_turns_the_mean_and_not_the_spread(bearings: list[float], turn: float) -> None:
    """North is no special direction."""
    speeds = np.full(len(bearings), 3.0)
    one, other = mean_wind(speeds, np.array(bearings)), mean_wind(speeds, np.array(bearings) + turn)
    assert other.spread_deg == pytest.approx(one.spread_deg, abs=1e-3)
    assert other.speed_mps == one.speed_mps


@pytest.mark.parametrize(("apart_us", "is_known"), [(NEAR_US - 1_000_000, True), (NEAR_US + 1_000_000, False)])
def test_a_moment_s_wind_may_be_an_hour_away(apart_us: int, *, is_known: bool) -> None:
    """Before or after."""
    at = 100 * HOUR_US
    for side in (-1, 1):
        winds = winds_of([at + side * apart_us], [3.0], [45.0])
        assert (during(winds, at, at) is not None) == is_known


def test_each_part_of_a_sample_has_its_nearest_wind() -> None:
    """Two readings at either end of four hours: two parts each."""
    winds = winds_of([0, 4 * HOUR_US], [2.0, 6.0], [90.0, 180.0])
    found = during(winds, 0, 4 * HOUR_US)
    assert found is not None
    assert found[0].tolist() == [2.0, 2.0, 6.0, 6.0]
    assert found[1].tolist() == pytest.approx([90.0, 90.0, 180.0, 180.0])


def test_a_sample_that_ends_as_it_begins_or_before_has_a_wind_all_the_same() -> None:
    """A clock that was put back while air was drawn."""
    winds = winds_of([HOUR_US], [3.0], [45.0])
    for ended in (HOUR_US, HOUR_US - 60_000_000):
        found = during(winds, HOUR_US, ended)
        assert found is not None
        assert found[1].tolist() == pytest.approx([45.0] * PARTS)


@pytest.mark.parametrize(
    ("from_deg", "east", "north"), [(0.0, 0.0, -1.0), (90.0, -1.0, 0.0), (180.0, 0.0, 1.0), (270.0, 1.0, 0.0)]
)
def test_wind_is_named_after_where_it_comes_from(from_deg: float, east: float, north: float) -> None:
    """A north wind carries south, a west wind east."""
    down, across = along_wind(np.array([100 * east]), np.array([100 * north]), from_deg)
    assert down[0] == pytest.approx(100.0)
    assert across[0] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("stability", Stability)
def test_a_plume_thins_with_distance_and_to_its_sides_alike(stability: Stability) -> None:
    """Ever less downwind; left as right; half the wind, twice as much; below half a metre a second no more."""
    down = np.array([50.0, 200.0, 1_000.0, 5_000.0, 20_000.0])
    middle = dilution(stability, down, np.zeros(5), 4.0)
    assert (np.diff(middle) < 0).all()
    aside = np.full(5, 30.0)
    assert np.array_equal(dilution(stability, down, aside, 4.0), dilution(stability, down, -aside, 4.0))
    assert dilution(stability, down, aside, 2.0) == pytest.approx(2 * dilution(stability, down, aside, 4.0))
    calm = dilution(stability, down, aside, 0.01)
    assert np.array_equal(calm, dilution(stability, down, aside, LEAST_WIND_MPS))


def test_unstable_air_spreads_more_than_stable_air() -> None:
    """A kilometre away, the middle of the plume rises from class to class."""
    middles = [float(dilution(kind, np.array([1_000.0]), np.zeros(1), 4.0)[0]) for kind in URBAN]
    assert middles == sorted(middles)


@pytest.mark.parametrize(("measured", "brought"), [(200.0, 0.0), (900.0, 0.0), (900.0, 700.0), (1.0, 5_000.0)])
def test_a_misfit_is_a_student_s_on_the_log_scale(measured: float, brought: float) -> None:
    """SciPy's student with five degrees, up to the constant that is the same for all."""
    mean, error, spread = 200.0 + brought, 0.5, 100.0
    scale = math.sqrt(math.log1p((spread**2 + (error * brought) ** 2) / mean**2))
    law = stats.t(TAIL, loc=math.log(mean), scale=scale)
    constant = stats.t(TAIL).logpdf(0.0)
    assert misfit(measured, brought, 200.0, spread, error) == pytest.approx(law.logpdf(math.log(measured)) - constant)


def test_between_entries_the_table_is_a_straight_line_and_beyond_it_ends() -> None:
    """Below the first the calm's misfit, above the last the last."""
    row = np.arange(RATIOS, dtype=np.float64)
    assert _looked_up(row, -7.0, FIRST_RATIO) == -7.0
    assert _looked_up(row, -7.0, -math.inf) == -7.0
    assert _looked_up(row, -7.0, FIRST_RATIO + 2.25 * RATIO_STEP) == pytest.approx(2.25)
    assert _looked_up(row, -7.0, 1e9) == RATIOS - 1


@pytest.mark.parametrize("displaced", [(-1.0, 0.0), (0.0, 0.0), (0.0, 50.0), (100.0, 5_000.0)])
def test_nothing_arrives_behind_or_far_aside(displaced: tuple[float, float]) -> None:
    """At the source itself neither: a sampler is never its own source."""
    assert diluted(displaced, (1.0, 0.0), np.array([0.16, 0.14, 0.0003, -0.5]), SPREAD_AT_SOURCE_M) == 0.0


@pytest.mark.parametrize(("speed", "wandering"), [(5.0, 0.0), (2.0, 0.0), (1.0, 26.565), (0.5, 45.0), (0.0, 45.0)])
def test_weak_wind_wanders_by_hand(speed: float, wandering: float) -> None:
    """Half a metre a second sideways: at one ahead 26.6 degrees, at half or less 45."""
    assert _wandering_deg(speed) == pytest.approx(wandering, abs=1e-3)


@pytest.mark.parametrize("speed", [5.0, 1.0])
def test_doubts_are_shares_of_one(speed: float) -> None:
    """Errors that last, errors that pass given one that lasts, and stabilities: each sums to one and is even-handed."""
    doubt = _doubt(Wind(from_deg=0.0, speed_mps=speed, spread_deg=11.0))
    assert doubt.lasting.sum() == pytest.approx(1.0)
    assert doubt.passing.sum(axis=1) == pytest.approx(np.ones(OFFSETS))
    assert doubt.fit_weights.sum() == pytest.approx(sum(KINDS.values())) == pytest.approx(1.0)
    assert doubt.lasting == pytest.approx(doubt.lasting[::-1])
    reach = math.hypot(LASTING_DEG, PASSING_DEG, _wandering_deg(speed))
    assert math.degrees(doubt.offsets_rad[-1]) == pytest.approx(2.5 * reach)


def test_the_ground_searched_reaches_beyond_the_network() -> None:
    """One sampler: 3 km about it; a line of 6 km: half its length on either side."""
    low, side = _searched(np.array([[10.0, 20.0]]))
    assert side == 2 * LEAST_MARGIN_M
    assert (low + side / 2).tolist() == [10.0, 20.0]
    low, side = _searched(np.array([[0.0, 0.0], [6_000.0, 0.0]]))
    assert side == 12_000.0
    assert low.tolist() == [-3_000.0, -6_000.0]


def test_the_fewest_squares_are_the_likeliest_by_their_size() -> None:
    """Equal likelihoods: a side of four weighs sixteen of eighteen, more than is asked for; then it is alone."""
    assert fewest(np.array([1, 4, 1]), np.array([-0.001, 0.0, -0.001])).tolist() == [1]
    assert len(fewest(np.ones(100, dtype=np.int64), np.zeros(100))) == round(100 * MASS)
    assert fewest(np.array([1, 1]), np.array([0.0, -1e9])).tolist() == [0]


@settings(max_examples=40)
@given(some.lists(some.tuples(some.integers(1, 16), some.floats(-800.0, 0.0)), min_size=1, max_size=40))
def test_the_chosen_hold_the_mass_and_one_less_would_not(squares: list[tuple[int, float]]) -> None:
    """Whatever the squares, also where all but one are impossible."""
    sides, fit = np.array([side for side, _ in squares]), np.array([each for _, each in squares])
    chosen = fewest(sides, fit)
    mass = np.exp(fit - fit.max()) * sides.astype(np.float64) ** 2
    assert mass[chosen].sum() >= MASS * mass.sum() * (1 - 1e-12)
    assert mass[chosen[:-1]].sum() < MASS * mass.sum()


def test_a_square_is_drawn_as_large_as_it_is() -> None:
    """At column 4, row 2, three by three squares of the finest grid."""
    mask = _drawn(np.array([[4, 2]]), np.array([3]), np.zeros(1))
    assert mask.sum() == 9
    assert mask[2:5, 4:7].all()


@pytest.mark.parametrize(("count", "chosen"), [(10, 10), (MAX_DIVIDED, MAX_DIVIDED), (MAX_DIVIDED + 50, MAX_DIVIDED)])
def test_squares_within_reach_are_divided_up_to_a_number(count: int, chosen: int) -> None:
    """The likeliest of them; those that were not divided last are left alone, and those out of reach too."""
    fit = np.concatenate([-np.arange(count) / count, [5.0, -99.0]])
    largest = np.concatenate([np.ones(count, dtype=np.bool_), [False, True]])
    divided = _Grid.worth_dividing(largest, fit, 12.0)
    assert divided.sum() == chosen
    assert divided[:chosen].all()
    assert not divided[-2:].any()


def test_only_the_newest_samples_that_are_numbers_are_worked_with() -> None:
    """Six hundred of seven; one that is none is no reason to leave out another."""
    many = [drawn(place % 5, hour=place + 1) for place in range(MAX_SAMPLES + 100)]
    kept = _newest([drawn(9, hour=9_000, measured=math.nan), *many[::-1]])
    assert len(kept) == MAX_SAMPLES
    assert kept[0].ended_us == 101 * HOUR_US
    assert kept[-1].ended_us == 700 * HOUR_US


def test_each_sampler_is_shown_at_its_most_surprising() -> None:
    """In deviations and not in numbers: 500 over 50 comes before 900 over 350."""
    used = _used(
        [
            drawn(1, measured=300.0),
            drawn(1, hour=2, measured=900.0, spread=350.0),
            drawn(2, measured=700.0, spread=50.0),
        ]
    )
    assert [(one.name, one.measured) for one in used] == [("S2", 700.0), ("S1", 900.0)]
    assert len(_used([drawn(place) for place in range(MAX_SAMPLERS + 9)])) == MAX_SAMPLERS


def test_samples_of_one_hour_share_a_time_and_of_the_next_do_not() -> None:
    """Two of the first hour, one of the second; a steady wind needs one part."""
    wind = (np.full(PARTS, 4.0), np.full(PARTS, 270.0))
    rows = [(drawn(1, hour=2), wind), (drawn(0), wind), (drawn(2, north=500.0), wind)]
    seen = _columns(rows, OSLO)
    assert seen.slot_from.tolist() == [0, 2, 3]
    assert seen.speed.shape == (3, 1)
    assert seen.sites[1] == pytest.approx([0.0, 500.0], abs=1e-3)
    turning = (wind[0], np.array([270.0, 280.0, 290.0, 300.0]))
    assert _columns([(drawn(0), turning)], OSLO).speed.shape == (1, PARTS)


def test_nothing_in_the_columns_is_nought_where_a_logarithm_is_taken() -> None:
    """An empty sample counts as a twentieth of the usual, or half of what could be told from nothing."""
    wind = (np.zeros(PARTS), np.full(PARTS, 270.0))
    rows = [(drawn(0, measured=0.0), wind), (drawn(1, measured=0.0, limit=50.0), wind), (drawn(2, measured=0.0, expected=0.0, spread=0.0), wind)]  # fmt: skip
    seen = _columns(rows, OSLO)
    assert seen.measured.tolist() == [10.0, 25.0, 1e-6]
    assert (seen.background > 0).all()
    assert (seen.spread > 0).all()
    assert (seen.speed == LEAST_WIND_MPS).all()


def test_the_likelihood_of_a_place_does_not_depend_on_the_places_beside_it() -> None:
    """Asked alone or together, the same; upwind of who saw most likelier than downwind."""
    wind = (np.full(PARTS, 4.0), np.full(PARTS, 270.0))
    seen = _columns([(drawn(0), wind), (drawn(1, north=600.0, measured=190.0), wind)], OSLO)
    places = np.array([[-500.0, 0.0], [500.0, 0.0], [-500.0, 600.0]])
    together = likelihoods(places, seen, _doubt(STEADY))
    alone = [likelihoods(place[None, :], seen, _doubt(STEADY))[0] for place in places]
    assert together.tolist() == alone
    assert together[0] > together[2]
    assert together[0] > together[1]


@pytest.mark.parametrize("spread", [0.0, 30.0])
def test_a_sector_is_as_wide_as_the_doubt_by_hand(spread: float) -> None:
    """1.645 deviations of instrument, distance, wind and plume together, either side of where it blows from."""
    bearings = [270.0 - spread, 270.0 - spread, 270.0 + spread, 270.0 + spread]
    area = locate([drawn(0)], winds_of([part * HOUR_US // 8 for part in (1, 3, 5, 7)], [4.0] * 4, bearings))
    assert area is not None
    assert area.kind is AreaKind.SECTOR
    turning = mean_wind(np.ones(4), np.array(bearings)).spread_deg
    assert area.wind.spread_deg == pytest.approx(math.hypot(LASTING_DEG, PASSING_DEG, turning))
    half = SECTOR_SIGMAS * math.hypot(area.wind.spread_deg, SECTOR_PLUME_DEG)
    edges = [to_metres(OSLO, corner) for corner in area.rings[0][1:]]
    turned = sorted(math.degrees(math.atan2(east, north)) % 360 for east, north in edges)
    assert (turned[0], turned[-1]) == pytest.approx((270 - half, 270 + half), abs=0.5)


def mask(text: str) -> np.ndarray:
    """Return the mask drawn with # in lines."""
    return np.array([[each == "#" for each in line] for line in text.split()])


@pytest.mark.parametrize(
    ("text", "corners"),
    [
        ("#", [(0, 0), (1, 0), (1, 1), (0, 1)]),
        ("..# ..#", [(2, 0), (3, 0), (3, 2), (2, 2)]),
        ("##. ###", [(0, 0), (2, 0), (2, 1), (3, 1), (3, 2), (0, 2)]),
    ],
)
def test_a_patch_is_walked_around_by_its_corners(text: str, corners: list[tuple[float, float]]) -> None:
    """Clockwise as rows count downwards, each corner once."""
    assert [tuple(corner) for corner in _walk(mask(text)).tolist()] == corners


def test_cutting_corners_by_hand() -> None:
    """Each side keeps its middle half."""
    cut = _cut(np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]]))
    assert cut.tolist() == [[1, 0], [3, 0], [4, 1], [4, 3], [3, 4], [1, 4], [0, 3], [0, 1]]


def test_corners_that_turn_nowhere_go_and_no_ring_has_too_many() -> None:
    """Points along a side are none; a circle of a thousand keeps four hundred, and a triangle stays one."""
    assert len(_few(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]))) == 4
    turn = np.linspace(0, 2 * np.pi, 1_000, endpoint=False)
    assert len(_few(np.stack([100 * np.cos(turn), 100 * np.sin(turn)], axis=1))) == MAX_CORNERS
    assert len(_few(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))) == 3


def test_nothing_has_no_outline_and_does_not_grow() -> None:
    """An empty mask is asked to grow, and stays empty instead of growing for ever."""
    empty = np.zeros((5, 5), dtype=np.bool_)
    assert outlines(empty) == []
    assert not grown(empty, 3).any()


def test_a_mask_never_grows_beyond_its_ground() -> None:
    """Asked for more squares than there are, it is full."""
    assert grown(mask("#.. ... ..."), 1_000).all()
    full = np.ones((4, 4), dtype=np.bool_)
    [ring] = outlines(full)
    assert (ring.min(), ring.max()) == (0.0, 4.0)
