"""From judged samples to an area, and from planted releases to how often the area holds the source."""

from pathlib import Path

import numpy as np
import pytest

from impetus.core.errors import Malformed
from impetus.core.place import Point
from impetus.core.source_area import AreaKind, SamplerUsed, SourceArea, Wind, from_metres
from impetus.tools.bacteria.regions import Planted, region_figures, samples_of, summed_up
from impetus.tools.bacteria.series import Series

OSLO = Point(lon=10.73, lat=59.91)
HOUR_US = 3_600_000_000


def series(name: str, *, high: float = 900.0, flag: float = 0.0) -> Series:
    """Return thirty hours of two hundred per m3 and three hours of more."""
    value = np.full(33, 200.0)
    value[::2] = 180.0
    value[30:] = high
    return Series(
        name=name,
        time_us=HOUR_US * np.arange(1, 34),
        value=value,
        outbreak=np.zeros(33),
        parts={"quality_flag": np.where(np.arange(33) == 31, flag, 0.0)},
    )


def read(file: Path) -> str:
    """Return a file's text."""
    return file.read_text()


def network(directory: Path, *, end: str = "1970-01-02T09:00:00Z") -> list[Series]:
    """Write a network of three in a row across the wind, with a release west of the middle one."""
    places = {f"s{n}": from_metres(OSLO, 0.0, 600.0 * (n - 1)) for n in range(3)}
    lines = [f"{name},{point.lon},{point.lat}" for name, point in places.items()]
    (directory / "samplers.csv").write_text("\n".join(["sampler,lon,lat", *lines]))
    (directory / "wind.csv").write_text(
        "\n".join(["time,speed_mps,from_deg", *[f"{h * 3600},4.0,270" for h in range(40)]])
    )
    source = from_metres(OSLO, -400.0, 0.0)
    (directory / "sources.csv").write_text(
        f"source,began,ended,lon,lat\n1,1970-01-02T06:00:00Z,{end},{source.lon},{source.lat}\n"
    )
    return [series("s0", high=190.0), series("s1", high=2500.0), series("s2", high=195.0), series("nowhere")]


def test_a_release_upwind_of_the_middle_sampler_is_found_there(tmp_path: Path) -> None:
    """One source, one region that holds it, with its size."""
    figures = region_figures(tmp_path, read, network(tmp_path))
    assert figures["sources"] == figures["regions"] == 1
    assert figures["region_coverage"] == 1.0
    assert 0.02 <= figures["region_area_km2"]["median"] <= 20.0  # type: ignore[index]  # a mapping, said above


def test_without_files_about_the_network_only_the_number_is_said(tmp_path: Path) -> None:
    """No wind, no places, no sources: nothing to measure."""
    assert region_figures(tmp_path, read, [series("s0")]) == {"sources": 0}


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("sources.csv", "began,lon,lat\nyesterday,10,59\n", "no time"),
        ("sources.csv", "began,lon,lat\n0,east,59\n", "lon is 'east'"),
        ("samplers.csv", "place,lon,lat\ns0,10,59\n", "no column sampler"),
        ("wind.csv", "time,from_deg\n0,270\n", "no column speed_mps"),
    ],
)
def test_what_cannot_be_read_names_file_and_value(tmp_path: Path, file: str, text: str, said: str) -> None:
    """And what would be right."""
    made = network(tmp_path)
    (tmp_path / file).write_text(text)
    with pytest.raises(Malformed, match=said) as refused:
        region_figures(tmp_path, read, made)
    assert refused.value.remedy


def test_what_is_usual_is_taken_from_before_and_flagged_samples_are_left_out() -> None:
    """The median of thirty hours, not of the three that were high; the flagged one of those three is gone."""
    planted = Planted(began_us=30 * HOUR_US, ended_us=33 * HOUR_US, point=OSLO)
    found = samples_of([series("s0", flag=2.0)], {"s0": OSLO}, planted)
    assert [each.expected for each in found] == [190.0, 190.0]
    assert [each.measured for each in found] == [900.0, 900.0]
    assert {each.ended_us - each.began_us for each in found} == {HOUR_US}


def test_changing_what_comes_after_a_release_changes_no_sample_of_it() -> None:
    """Nothing is looked at ahead."""
    planted = Planted(began_us=29 * HOUR_US, ended_us=31 * HOUR_US, point=OSLO)
    one, other = series("s0"), series("s0")
    other.value[32:] = 1e9
    assert samples_of([one], {"s0": OSLO}, planted) == samples_of([other], {"s0": OSLO}, planted)


def test_coverage_counts_regions_alone() -> None:
    """One that holds, one that does not, a sector, and nothing said: a half of two."""
    ring = tuple(from_metres(OSLO, east, north) for east, north in ((0, 0), (1000, 0), (1000, 1000), (0, 1000)))
    used = tuple(
        SamplerUsed(thing=f"a/{n}", name="", point=OSLO, measured=1.0, expected=1.0)  # type: ignore[arg-type]  # a thing's key is text
        for n in range(3)
    )
    wind = Wind(from_deg=0.0, speed_mps=3.0, spread_deg=10.0)
    region = SourceArea(kind=AreaKind.REGION, coverage=0.9, rings=(ring,), wind=wind, samplers=used, samples=3)
    sector = SourceArea(kind=AreaKind.SECTOR, coverage=0.9, rings=(ring,), wind=wind, samplers=used[:1], samples=1)
    inside, outside = from_metres(OSLO, 500, 500), from_metres(OSLO, -500, 0)
    figures = summed_up([(inside, region), (outside, region), (inside, sector), (inside, None)])
    assert (figures["regions"], figures["sectors"], figures["nothing_said"]) == (2, 1, 1)
    assert figures["region_coverage"] == 0.5
    assert figures["region_area_km2"] == {"median": 1.0, "p90": 1.0}
