"""Forms that no page of ours would send: numbers that are none, too many fields, long words. Refused, and never a fault."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from impetus.core.alert import Alert
from seats import act, opened, seat
from town import Town

Raise = Callable[..., Alert]
WORDS = {"seen": "crowd", "option": ["wait", "call"], "choice": 0, "reason": "calm"}


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


@pytest.mark.parametrize(
    ("joins", "status"),
    [
        ("1", 200),
        ("2", 404),
        ("0", 404),
        ("one", 400),
        ("-1", 400),
        ("1.0", 400),
        ("\u0661", 400),
        ("\u00b2", 400),
        ("9" * 20, 400),
        ("9" * 21, 422),
    ],
)
def test_an_alert_joins_only_an_incident_that_is_there(
    town: Town, raised: Raise, kari: TestClient, joins: str, status: int
) -> None:
    """A number of ours joins; whatever else is typed into the form is refused with words."""
    opened(town, raised("one").id)
    answered, problem = act(kari, f"/alerts/{raised('two').id}/incident", joins=joins)
    assert answered == status
    assert status == 200 or problem["detail"]


@pytest.mark.parametrize(
    ("corrects", "status"),
    [("", 200), ("1", 400), ("0", 400), ("first", 400), ("\u0661", 400), ("9" * 20, 400), ("9" * 5000, 400)],
)
def test_a_decision_corrects_only_one_that_is_there(
    town: Town, raised: Raise, kari: TestClient, corrects: str, status: int
) -> None:
    """What names no decision of the incident is refused; it is never taken for "corrects nothing"."""
    incident = opened(town, raised().id)
    assert act(kari, f"/incidents/{incident.id}/decide", **WORDS, corrects=corrects)[0] == status


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "9" * 40, "9" * 5000])
def test_a_version_that_was_never_shown_changes_nothing(
    town: Town, raised: Raise, kari: TestClient, version: str
) -> None:
    """No number or one below zero is 422, one beyond what is stored a conflict; an empty field counts as none."""
    alert = raised()
    status, _ = act(kari, f"/alerts/{alert.id}/acknowledge", version=version)
    assert status in ({200} if not version else {409, 422})
    with town.desk.store.read() as unit:
        assert (unit.alerts.get(alert.id).owner == "Kari") == (status == 200)


@pytest.mark.parametrize("verb", ["assess", "shelve", "offer", "close", "note"])
def test_words_have_a_bound(town: Town, raised: Raise, kari: TestClient, verb: str) -> None:
    """Two thousand characters are taken, one more is not."""
    seat(town, "Ola")
    alert = raised()
    incident = opened(town, alert.id)
    act(kari, f"/alerts/{alert.id}/assess", verdict="benign")
    path = f"/incidents/{incident.id}/note" if verb == "note" else f"/alerts/{alert.id}/{verb}"
    fields = {"verdict": "benign", "minutes": 5, "to": "Ola"}
    name = "text" if verb == "note" else "why"
    assert act(kari, path, **fields, **{name: "x" * 2001})[0] == 400
    assert act(kari, path, **fields, **{name: "x" * 2000})[0] == 200


def test_a_form_may_come_in_parts(town: Town, raised: Raise, kari: TestClient) -> None:
    """`multipart/form-data` is a form too; a file in it is refused or left unread."""
    alert = raised()
    plain = kari.post(f"/alerts/{alert.id}/acknowledge", files={"back": (None, "/")})
    assert plain.status_code == 303
    odd = kari.post("/accounts/add", files={"name": ("x.txt", b"kari")})
    assert 400 <= odd.status_code < 500


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "evil", "\n/x"])
def test_an_act_never_sends_anybody_elsewhere(raised: Raise, kari: TestClient, back: str) -> None:
    """The way back is a path of ours, or the picture."""
    answer = kari.post(f"/alerts/{raised().id}/acknowledge", data={"back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_an_act_without_a_way_back_comes_to_its_alert(raised: Raise, kari: TestClient) -> None:
    """And one from the picture to the picture."""
    first, second = raised("one"), raised("two")
    assert kari.post(f"/alerts/{first.id}/acknowledge", data={}).headers["location"] == f"/alerts/{first.id}"
    assert kari.post(f"/alerts/{second.id}/acknowledge", data={"back": "/"}).headers["location"] == "/"


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"=&=&=", b"csrf=" + b"0" * 64, b"%zz=%"])
def test_a_body_that_is_no_form_is_refused_kindly(town: Town, kari: TestClient, body: bytes) -> None:
    """Whatever the bytes: below 500, with words."""
    kari.headers.pop("x-csrf-token")
    answer = kari.post("/sign-out", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 403
    assert kari.get("/board").status_code == 200
