"""Thousands of sensors: pages stay small, counts are right, and the worst are found among all of them."""

import base64
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from starlette.testclient import TestClient

from impetus.core.standing import StandingState
from page_reader import by_id
from seats import look, seat
from standing_samples import UAD, city_standing, made_up_city, stand_in_city
from town import Town, close_town, open_town

COUNT = 3_000
KIB = 1024


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, TestClient]]:
    """Return a made-up city of three thousand datastreams with an hour behind it, and an operator's browser."""
    town = open_town(tmp_path_factory.mktemp("crowd"))
    source, datastreams = made_up_city(COUNT)
    with town.desk.store.write() as unit:
        made = unit.sources.declare(source, datastreams)
    stand_in_city(town.desk, made, hours=1, step=timedelta(minutes=15))
    yield town, seat(town)
    close_town(town)


def test_the_board_is_small_and_its_grid_is_a_byte_a_sensor(crowd: tuple[Town, TestClient]) -> None:
    """Sixty rows of words whatever there is; the grid has every sensor once, and the counts are those of the standing."""
    town, kari = crowd
    answer = kari.get("/sensors")
    assert len(answer.content) < 120 * KIB
    told = kari.get("/sensors/grid").json()
    codes = np.frombuffer(base64.b64decode(told["codes"]), dtype=np.uint8)
    assert sorted(told["ids"]) == list(range(1, COUNT + 1))
    standing = town.desk.standings.newest(UAD)
    assert standing is not None
    assert np.bincount(codes, minlength=5).tolist() == np.bincount(standing.state, minlength=5).tolist()
    trouble = [int(np.flatnonzero(codes == state)[0]) for state in (StandingState.FAULT, StandingState.SILENT)]
    assert trouble == sorted(trouble)
    assert codes[-1] == StandingState.CALM


def test_the_citys_frames_are_a_byte_a_cell(crowd: tuple[Town, TestClient]) -> None:
    """All sensors are in some cell, and a day's worth of frames of them would be less than a picture."""
    _, kari = crowd
    answer = kari.get("/city/frames?hours=1")
    told = answer.json()
    assert sum(told["size"]) == COUNT
    assert 50 < len(told["lon"]) < 2_000
    assert len(base64.b64decode(told["levels"])) == len(told["lon"]) * len(told["time"])
    assert len(answer.content) < 300 * KIB


def test_the_worst_of_thousands_are_told_first(crowd: tuple[Town, TestClient]) -> None:
    """Those within an event, the rarest reading first, eight of them; how many more there are is said."""
    town, kari = crowd
    standing = town.desk.standings.newest(UAD)
    assert standing is not None
    strange = np.flatnonzero(standing.state == StandingState.STRANGE)
    rarest = standing.datastream[strange[np.argsort(standing.p[strange])]].tolist()
    told = [
        int(item.get("data-sensor"))
        for item in by_id(look(kari, "/city"), "worst").all("li")
        if item.get("data-sensor")
    ]
    things = [
        identity
        for identity in rarest
        if (identity - 1) // 3 not in {(each - 1) // 3 for each in rarest[: rarest.index(identity)]}
    ]
    assert told == things[:8]


def test_a_filter_finds_one_cabinet_of_a_thousand(crowd: tuple[Town, TestClient]) -> None:
    """By its name: its three datastreams and nothing else."""
    _, kari = crowd
    told = kari.get("/sensors/grid?q=cabinet 777").json()
    assert sorted(told["ids"]) == [777 * 3 + 1, 777 * 3 + 2, 777 * 3 + 3]


def test_a_calibrated_city_reads_as_promised(crowd: tuple[Town, TestClient]) -> None:
    """Chances spread evenly fill the twenty columns alike, within a quarter, and no sensor but the planted two is called loud."""
    _, kari = crowd
    page = look(kari, "/sensors/rates")
    loud = [row.words for row in page.all("tr") if "louder" in row.words]
    assert len(loud) == 2
    assert all("Cabinet 0" in words for words in loud)
    standing = city_standing(np.arange(1, 20_001), crowd[0].clock.now())
    calm = standing.p[standing.state == StandingState.CALM]
    share = np.bincount((calm * 20).astype(int), minlength=20) / len(calm)
    assert np.all(np.abs(share * 20 - 1) < 0.25)
