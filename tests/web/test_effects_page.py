"""City systems on the screen: what stands and what nobody knows, taking back, proposing, and the same on the map."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.ids import ActionId
from impetus.desk.take_back import tend_effects
from impetus.testing.city import SIGN, MemoryCity, MemoryDevice
from page_reader import broken_references, read_page, twice, unlabelled
from seats import seat
from town import Town, post


@pytest.fixture
def sign(town: Town) -> MemoryDevice:
    """Return a simulated sign of the town."""
    city = MemoryCity()
    object.__setattr__(town.desk, "outside", replace(town.desk.outside, city=city))
    return city.add(SIGN)


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


@pytest.fixture
def sam(town: Town) -> TestClient:
    """Return a supervisor's browser."""
    return seat(town, "Sam", Role.SUPERVISOR)


def set_sign(town: Town, kari: TestClient, sam: TestClient, words: str = "leave by E2", minutes: int = 30) -> None:
    """Let Kari propose and Sam agree."""
    answer = post(kari, "/effects/set", device="sign-e1", command=words, minutes=str(minutes), why="crowd")
    assert answer.status_code == 303
    with town.desk.store.read() as unit:
        action = unit.actions.find()[0]
    assert post(sam, f"/gates/{action.id}/approve", content=action.content_hash()).status_code == 303


def test_what_was_set_stands_on_the_page_with_its_end_and_in_violet_when_simulated(
    town: Town, sign: MemoryDevice, kari: TestClient, sam: TestClient
) -> None:
    """The words, a word for the state, the end; simulated says so in words too."""
    set_sign(town, kari, sam)
    assert sign.showing.words == "leave by E2"
    text = kari.get("/effects").text
    for word in ("Sign at E1", "leave by E2", "shown, confirmed by the device", "until", "Simulated", "chip violet"):
        assert word in text
    (mark,) = kari.get("/effects/map").json()
    assert (mark["words"], mark["state"], mark["simulated"], mark["id"]) == ("leave by E2", "standing", True, "sign-e1")


def test_what_nobody_knows_is_never_shown_as_done(
    town: Town, sign: MemoryDevice, kari: TestClient, sam: TestClient
) -> None:
    """Unknown on list and map, with a severe shape beside the word."""
    sign.is_silent = True
    set_sign(town, kari, sam)
    text = kari.get("/effects").text
    assert "nobody knows whether it is shown" in text
    assert "confirmed by the device" not in text
    assert kari.get("/effects/map").json()[0]["state"] == "unknown"


def test_a_supervisor_takes_back_from_the_page_and_an_operator_sees_no_button(
    town: Town, sign: MemoryDevice, kari: TestClient, sam: TestClient
) -> None:
    """With a reason; then it is among what is over."""
    set_sign(town, kari, sam)
    assert "Take back now" in sam.get("/effects").text
    assert "Take back now" not in kari.get("/effects").text
    assert post(kari, "/effects/1/revert", why="free").status_code == 403
    assert post(sam, "/effects/1/revert", why="").status_code == 400
    assert post(sam, "/effects/1/revert", why="the way is free").status_code == 303
    assert sign.showing.words == ""
    assert "taken back, confirmed" in kari.get("/effects").text


def test_what_should_be_gone_and_is_not_says_so(
    town: Town, sign: MemoryDevice, kari: TestClient, sam: TestClient
) -> None:
    """The state, and why the last try failed."""
    set_sign(town, kari, sam, minutes=2)
    sign.is_away = True
    town.clock.advance(200)
    tend_effects(town.desk)
    text = kari.get("/effects").text
    assert "should be gone, and is not confirmed gone" in text
    assert "nothing was sent" in text


def test_a_wrong_declaration_is_said_with_its_line(town: Town, kari: TestClient) -> None:
    """And nothing can be proposed."""
    object.__setattr__(
        town.desk,
        "outside",
        replace(town.desk.outside, city=MemoryCity(trouble="effectors.toml line 5: kind is 'laser'")),
    )
    text = kari.get("/effects").text
    assert "effectors.toml line 5" in text
    assert "Propose to set something" not in text


def test_what_no_device_can_do_is_refused_before_anybody_is_asked(
    town: Town, sign: MemoryDevice, kari: TestClient
) -> None:
    """Too long, unknown, no reason."""
    assert sign.device.most_words == 60
    for wrong in ({"command": "x" * 61}, {"device": "nowhere"}, {"why": ""}):
        said = {"device": "sign-e1", "command": "leave", "minutes": "30", "why": "crowd", **wrong}
        assert post(kari, "/effects/set", **said).status_code == 400
    with town.desk.store.read() as unit:
        assert unit.actions.find() == ()


@pytest.mark.parametrize("path", ["/effects", "/effects?incident=3"])
def test_the_page_keeps_the_laws_of_pages(
    town: Town, sign: MemoryDevice, kari: TestClient, sam: TestClient, path: str
) -> None:
    """Every control has a label, every reference an end, every id is there once."""
    set_sign(town, kari, sam)
    assert sign.sent
    page = read_page(sam.get(path).text)
    assert (list(unlabelled(page)), list(broken_references(page)), list(twice(page))) == ([], [], [])


def test_who_may_not_see_effects_is_refused(town: Town, sign: MemoryDevice) -> None:
    """Nobody signed in sees nothing."""
    assert sign.device.id
    stranger = TestClient(town.app, base_url="http://127.0.0.1", follow_redirects=False)
    assert stranger.get("/effects/map").status_code in {303, 401}
    assert ActionId(1)
