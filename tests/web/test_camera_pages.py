"""Cameras and reveals on the screen: masked pictures, equal choices, two people, names in clear once and nowhere else."""

from datetime import UTC, timedelta

import numpy as np
import pytest
from starlette.testclient import TestClient

from impetus.adapters.pictures import PillowPictures
from impetus.core.actor import Role, platform
from impetus.core.ids import IncidentId
from impetus.core.incident import Incident
from impetus.desk import identities, incidents, reveals
from impetus.ethics.pseudonym import IdentityKind, period_key
from impetus.testing.media import SKIN, StillMedia
from seats import act, actor, look, opened, seat
from town import NOW, Town, raise_alert

WHY = "armed person seen at the north steps"


@pytest.fixture
def square(town: Town) -> tuple[Town, Incident]:
    """Return a town with two cameras and an incident of Kari's."""
    assert isinstance(town.desk.media, StillMedia)
    for camera in ("c12", "c14"):
        town.desk.media.show(camera)
    seat(town, "Kari")
    alert = raise_alert(town)
    return town, opened(town, alert.id, name="Kari")


def asked(town: Town, incident: Incident) -> int:
    """Return the number of a reveal Kari asked for."""
    made = reveals.ask(town.desk, actor(town), "camera:c14", IncidentId(incident.id), why=WHY, minutes=10)
    return made.id


def shows_skin(body: bytes) -> bool:
    """Say whether any pixel of a PNG is near the person's own colour."""
    pixels = PillowPictures().decode(body).astype(int)
    return bool((np.abs(pixels - SKIN).max(axis=2) < 30).any())


def kari(town: Town) -> TestClient:
    """Return another browser of Kari's."""
    from impetus.desk import sign_in
    from impetus.web.security import csrf_of
    from seats import COOKIE
    from town import PASSWORD

    secret = sign_in.sign_in(town.desk, "Kari", PASSWORD).secret
    client = town.visitor()
    client.cookies.set(COOKIE, secret, domain="127.0.0.1", path="/")
    client.headers["x-csrf-token"] = csrf_of(secret)
    return client


def test_the_list_shows_every_camera_masked(square: tuple[Town, Incident]) -> None:
    """Each with its picture, its state in words, and the violet mark of simulated input."""
    town, _ = square
    text = kari(town).get("/cameras").text
    assert text.count('data-camera="/cameras/') == 2
    assert text.count("Simulated") >= 2
    assert "with every person masked" in text


def test_a_picture_is_masked_and_kept_by_nobody(square: tuple[Town, Incident]) -> None:
    """PNG, no-store, and no pixel of the person."""
    town, incident = square
    answer = kari(town).get(f"/cameras/c14/frame?incident={incident.id}&n=7")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert "no-store" in answer.headers["cache-control"]
    assert not shows_skin(answer.content)


def test_nothing_is_preselected_when_asking(square: tuple[Town, Incident]) -> None:
    """Minutes are equal choices, none checked; without an incident in the address none is chosen."""
    town, incident = square
    form = kari(town).get("/cameras/c14").text.split('id="ask"')[1].split("</form>")[0]
    assert form.count('name="minutes"') == 5
    assert "checked" not in form
    assert "selected" not in form
    assert f'<option value="{incident.id}" selected>' in kari(town).get(f"/cameras/c14?incident={incident.id}").text


@pytest.mark.parametrize("missing", ["incident", "minutes", "why"])
def test_asking_without_saying_all_is_refused(square: tuple[Town, Incident], missing: str) -> None:
    """The incident, the minutes and the reason are each needed."""
    town, incident = square
    fields = {"incident": incident.id, "minutes": 10, "why": WHY, missing: ""}
    status, answer = act(kari(town), "/cameras/c14/reveal", **fields)
    assert status == 400
    assert answer["remedy"]


def test_from_asking_to_masked_again_over_the_screen(square: tuple[Town, Incident]) -> None:
    """Kari asks, Sol approves on the reveals page, Kari lifts the mask, sees clearly, and masks again."""
    town, incident = square
    operator, supervisor = kari(town), seat(town, "Sol", Role.SUPERVISOR)
    status, _ = act(operator, "/cameras/c14/reveal", incident=incident.id, minutes=10, why=WHY)
    assert status == 200
    assert 'action="/reveals/1/approve"' in supervisor.get("/reveals").text
    assert 'action="/reveals/1/approve"' not in operator.get("/reveals").text
    assert act(supervisor, "/reveals/1/approve")[0] == 200
    assert act(operator, "/reveals/1/open")[0] == 200
    frame = f"/cameras/c14/frame?incident={incident.id}"
    assert shows_skin(operator.get(frame).content)
    assert not shows_skin(supervisor.get(frame).content)
    assert "Kari sees it clearly" in supervisor.get(f"/incidents/{incident.id}").text
    assert act(supervisor, "/reveals/1/close")[0] == 200
    assert not shows_skin(operator.get(frame).content)


def test_the_incident_page_says_who_is_watching(square: tuple[Town, Incident]) -> None:
    """Everybody on the incident sees it, with until when and the reason; its timeline tells each step."""
    town, incident = square
    seat(town, "Sol", Role.SUPERVISOR)
    number = asked(town, incident)
    reveals.approve(town.desk, actor(town, "Sol"), number)
    reveals.open_(town.desk, actor(town), number)
    text = seat(town, "Bo").get(f"/incidents/{incident.id}").text
    for words in ("Kari sees it clearly", WHY, "data-left", "approved by Sol", "Lifted a mask", "Mask again"):
        assert words in text, words


def test_the_same_person_cannot_answer_by_address(square: tuple[Town, Incident]) -> None:
    """What the page does not offer the desk refuses."""
    town, incident = square
    client = seat(town, "Sol", Role.SUPERVISOR)
    reveals.ask(town.desk, actor(town, "Sol"), "camera:c14", IncidentId(incident.id), why=WHY, minutes=10)
    assert 'action="/reveals/1/approve"' not in client.get("/reveals").text
    status, answer = act(client, "/reveals/1/approve")
    assert status == 403
    assert "cannot approve" in answer["detail"]


def test_who_may_not_see_cameras_is_refused_and_the_officer_sees_the_reveals(square: tuple[Town, Incident]) -> None:
    """Pictures are for those on duty; requests, reasons and times also for those who oversee."""
    town, incident = square
    asked(town, incident)
    officer = seat(town, "Dag", Role.DPO)
    for path in ("/cameras", "/cameras/c14", "/cameras/c14/frame"):
        assert officer.get(path).status_code == 403
    assert WHY in officer.get("/reveals").text
    assert 'href="/reveals"' in officer.get("/ethics").text
    assert seat(town, "Ane", Role.ANALYST).get("/reveals").status_code == 403


def test_an_unmaskable_frame_says_so_in_place_of_a_picture(square: tuple[Town, Incident]) -> None:
    """Also in Norwegian; the answer is a picture all the same."""
    town, _ = square
    assert isinstance(town.desk.media, StillMedia)
    town.desk.media.show("c14", boxes=None)
    answer = kari(town).get("/cameras/c14/frame", headers={"accept-language": "nb"})
    assert answer.status_code == 200
    assert not shows_skin(answer.content)


@pytest.mark.parametrize("path", ["/cameras/c99", "/cameras/c99/frame", "/cameras/C14", "/cameras/..%2fkey/frame"])
def test_a_camera_that_is_not_there_is_not_found(square: tuple[Town, Incident], path: str) -> None:
    """Whatever its name is made of."""
    town, _ = square
    assert kari(town).get(path).status_code in {404, 422, 400}


def test_a_name_is_shown_once_and_its_address_says_nothing(square: tuple[Town, Incident]) -> None:
    """It stands in the answer to a form, with no-store; reloading refuses, and no other page has it."""
    town, incident = square
    day = NOW.astimezone(UTC).date()
    town.desk.vault.keep({day: period_key(bytes(32), day)})
    tool = platform("intrusion")
    name = identities.pseudonymise(town.desk, tool, "intrusion", IdentityKind.HANDLE, "@mallory_4711", at=NOW)
    analyst, second = seat(town, "Per", Role.IT_SECURITY), seat(town, "Sol", Role.SUPERVISOR)
    fields = {"domain": "intrusion", "period": day.isoformat(), "pseudonym": name, "incident": incident.id, "why": WHY}
    assert act(analyst, "/identities", **fields)[0] == 200
    assert act(second, "/identities/1/approve")[0] == 200
    assert 'action="/identities/1/show"' in analyst.get("/reveals").text
    shown = analyst.post("/identities/1/show")
    assert "mallory_4711" in shown.text
    assert "no-store" in shown.headers["cache-control"]
    assert analyst.post("/identities/1/show").status_code == 409
    for path in ("/reveals", f"/incidents/{incident.id}"):
        assert "mallory_4711" not in analyst.get(path).text


@pytest.mark.parametrize(
    "changes", [{"period": "yesterday"}, {"incident": ""}, {"pseudonym": "a" * 26}, {"why": " "}, {"incident": "x"}]
)
def test_a_crooked_request_for_a_name_is_refused_in_words(
    square: tuple[Town, Incident], changes: dict[str, object]
) -> None:
    """And nothing is asked."""
    town, incident = square
    fields = {"domain": "d", "period": "2026-11-21", "pseudonym": "b" * 26, "incident": incident.id, "why": WHY}
    status, answer = act(seat(town, "Per", Role.IT_SECURITY), "/identities", **{**fields, **changes})
    assert status in {400, 404}
    assert answer["remedy"]


def test_a_request_that_ran_out_is_shown_as_over(square: tuple[Town, Incident]) -> None:
    """Without anybody sweeping; its buttons are gone."""
    town, incident = square
    asked(town, incident)
    town.clock.set(town.clock.now() + timedelta(minutes=20))
    page = look(kari(town), "/reveals")
    assert "over by itself" in str(page) or "over by itself" in kari(town).get("/reveals").text
    assert 'action="/reveals/1' not in kari(town).get("/reveals").text


def test_a_closed_incident_offers_no_question(square: tuple[Town, Incident]) -> None:
    """The list of incidents is empty and says why."""
    town, incident = square
    incidents.close(town.desk, actor(town), IncidentId(incident.id), outcome="over")
    assert "Without one there is no reason to look" in kari(town).get("/cameras/c14").text
