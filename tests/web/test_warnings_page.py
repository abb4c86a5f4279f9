"""The composer on the screen: draft, look at the phones, ask two, update and cancel; and what others warn of."""

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.warning import Status, WarningState
from impetus.testing.city import MemoryGateways
from page_reader import broken_references, read_page, twice, unlabelled
from seats import seat
from town import Town, post

FIELDS = {
    "category": "Safety",
    "severity": "severe",
    "urgency": "immediate",
    "certainty": "observed",
    "response": "Evacuate",
    "minutes": "60",
    "area": "City Hall Square",
    "polygon": "59.9110, 10.7322\n59.9110, 10.7348\n59.9120, 10.7348",
    "circle": "",
    "language": ["en", "nb", ""],
    "event": ["Gas leak", "Gasslekkasje", ""],
    "headline": ["Leave the square", "Forlat plassen", ""],
    "description": ["Fire service: gas leak since 21:00.", "Brannvesenet: gasslekkasje siden 21:00.", ""],
    "instruction": ["Walk west.", "Gå vestover.", ""],
}


@pytest.fixture
def gateways(town: Town) -> MemoryGateways:
    """Return where the town's warnings go."""
    found = MemoryGateways(name="control-room@city.example")
    object.__setattr__(town.desk.outside, "gateways", found)
    return found


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


@pytest.fixture
def sam(town: Town) -> TestClient:
    """Return a supervisor's browser."""
    return seat(town, "Sam", Role.SUPERVISOR)


def kept(kari: TestClient, status: str = "Exercise") -> None:
    """Draft and fill in a warning."""
    answer = post(kari, "/warnings", status=status)
    assert (answer.status_code, answer.headers["location"]) == (303, "/warnings/1")
    assert post(kari, "/warnings/1/save", version="0", **FIELDS).status_code == 303


def agree(town: Town, *seats: TestClient) -> None:
    """Let each say yes to the newest proposal."""
    with town.desk.store.read() as unit:
        action = unit.actions.find()[0]
    for one in seats:
        assert post(one, f"/gates/{action.id}/approve", content=action.content_hash()).status_code == 303


def test_a_draft_is_kept_with_two_languages_and_shown_as_phones(
    town: Town, gateways: MemoryGateways, kari: TestClient
) -> None:
    """Each language with its characters; the empty third block is nobody's."""
    assert gateways.name
    kept(kari)
    with town.desk.store.read() as unit:
        warning = unit.warnings.get(1)
    assert (warning.status, [each.language for each in warning.content.wordings]) == (Status.EXERCISE, ["en", "nb"])
    assert len(warning.content.area.polygons[0]) == 3
    text = kari.get("/warnings/1").text
    assert text.count('<article class="phone') == 2
    assert "of 1395 characters" in text
    assert "chip violet" in text


def test_two_people_release_it_and_its_page_shows_the_receipt(
    town: Town, gateways: MemoryGateways, kari: TestClient, sam: TestClient
) -> None:
    """From the draft to the gateway's receipt, then an update."""
    kept(kari)
    siv = seat(town, "Siv", Role.SUPERVISOR)
    assert post(kari, "/warnings/1/propose", version="1", why="now").status_code == 303
    assert "2 more people must agree" in kari.get("/warnings/1").text
    agree(town, sam)
    assert gateways.released == {}
    agree(town, siv)
    text = kari.get("/warnings/1").text
    assert "handed to the gateway" in text
    assert f"gateway has {next(iter(gateways.released))}" in text
    answer = post(kari, "/warnings/1/update")
    assert (answer.status_code, answer.headers["location"]) == (303, "/warnings/2")
    assert "Draft an update" not in kari.get("/warnings/1").text


def test_the_document_can_be_taken_along(gateways: MemoryGateways, kari: TestClient) -> None:
    """As CAP, under its identifier."""
    assert gateways.name
    kept(kari)
    answer = kari.get("/warnings/1/cap.xml")
    assert answer.headers["content-type"] == "application/cap+xml"
    assert "<status>Exercise</status>" in answer.text


def test_the_preview_shows_what_is_typed_and_keeps_nothing(
    town: Town, gateways: MemoryGateways, kari: TestClient
) -> None:
    """While one types."""
    assert gateways.name
    kept(kari)
    answer = post(kari, "/warnings/1/preview", **{**FIELDS, "headline": ["Stay — inside", "Bli inne", ""]})
    assert "Stay — inside" in answer.text
    assert "UCS-2" in answer.text
    with town.desk.store.read() as unit:
        assert unit.warnings.get(1).content.wordings[0].headline == "Leave the square"


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("polygon", "59.9110 north", "corner 1"),
        ("polygon", "59.9, 10.7\n99.9, 10.7\n59.8, 10.6", "globe"),
        ("polygon", "59.9, 10.7\n" * 201, "corners"),
        ("circle", "59.9, 10.7", "circle"),
        ("event", ["Gas leak"], "languages"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    gateways: MemoryGateways, kari: TestClient, field: str, value: object, word: str
) -> None:
    """And the draft stays as it was."""
    assert gateways.name
    kept(kari)
    answer = post(kari, "/warnings/1/save", version="1", **{**FIELDS, field: value})
    assert answer.status_code == 400
    assert word in answer.text


def test_a_fault_is_said_on_the_page_and_again_when_asked(gateways: MemoryGateways, kari: TestClient) -> None:
    """An area is missing: kept, shown, not proposed."""
    assert gateways.name
    post(kari, "/warnings", status="Exercise")
    post(kari, "/warnings/1/save", version="0", **{**FIELDS, "polygon": ""})
    assert "say where it holds" in kari.get("/warnings/1").text
    assert post(kari, "/warnings/1/propose", version="1", why="now").status_code == 400


def test_a_draft_is_put_away(town: Town, gateways: MemoryGateways, kari: TestClient) -> None:
    """It stays in the list as put away."""
    assert gateways.name
    kept(kari)
    assert post(kari, "/warnings/1/discard", version="1").status_code == 303
    with town.desk.store.read() as unit:
        assert unit.warnings.get(1).state is WarningState.DISCARDED
    assert "put away" in kari.get("/warnings").text


@pytest.mark.parametrize("path", ["/warnings", "/warnings?incident=2", "/warnings/1"])
def test_the_pages_keep_the_laws_of_pages(gateways: MemoryGateways, kari: TestClient, path: str) -> None:
    """Every control has a label, every reference an end, every id is there once."""
    assert gateways.name
    kept(kari)
    page = read_page(kari.get(path).text)
    assert (list(unlabelled(page)), list(broken_references(page)), list(twice(page))) == ([], [], [])


def test_an_executive_reads_and_has_no_composer(town: Town, gateways: MemoryGateways, kari: TestClient) -> None:
    """Those who decide need not draft."""
    assert gateways.name
    kept(kari)
    eva = seat(town, "Eva", Role.EXECUTIVE)
    text = eva.get("/warnings/1").text
    assert 'id="composer"' not in text
    assert "On a phone" in text
    assert post(eva, "/warnings", status="Exercise").status_code == 403
