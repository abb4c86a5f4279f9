"""Evidence with people in it on the screen: masked on the alert, clear on its own page for one person for a while."""

import base64
import re
from dataclasses import replace

import numpy as np
import pytest

from desk.samples import seen
from impetus.adapters.pictures import PillowPictures
from impetus.core.actor import Role, platform
from impetus.core.alert import Alert
from impetus.core.evidence import Author, Evidence, EvidenceRecord, ImageEvidence, TextEvidence
from impetus.core.ids import EvidenceId, FindingKey
from impetus.core.text import Phrase
from impetus.desk.identities import pseudonymise
from impetus.ethics.pseudonym import IdentityKind, period_key
from impetus.testing.media import HEIGHT, PERSON, SKIN, WIDTH
from seats import act, keep, opened, seat
from town import NOW, Town, raise_alert

NAME = "post-1"
POST = "Kari Nordmann <b>and</b> @luca_99 bring flares"
AUTHOR = Author(domain="posts", period=NOW.date(), pseudonym="b" * 26, kind="handle")
PICTURE = re.compile(r'src="data:image/png;base64,([^"]+)"')


@pytest.fixture
def posted(town: Town) -> tuple[Town, Alert]:
    """Return a town with an alert whose evidence is a post and a picture of somebody."""
    pixels = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
    pixels[PERSON.top : PERSON.bottom, PERSON.left : PERSON.right] = SKIN
    image = ImageEvidence(
        title=Phrase(template="camera C14"),
        camera="c14",
        at=NOW,
        body=PillowPictures().encode(pixels),
        boxes=(PERSON,),
        simulated=True,
    )
    text = TextEvidence(title=Phrase(template="a post"), text=POST, at=NOW, language="en", author=AUTHOR)
    evidence = Evidence(finding=FindingKey("gun"), summary=Phrase(template="Seen"), texts=(text,), images=(image,))
    keep(town, NAME, evidence)
    alert = raise_alert(town)
    with town.desk.store.write() as unit:
        unit.findings.add(seen("gun"), alert.id)
        unit.evidence.add(
            EvidenceRecord(
                id=EvidenceId(NAME), finding=FindingKey("gun"), media_type="application/json", bytes_=1, stored_at=NOW
            )
        )
        unit.alerts.replace(replace(unit.alerts.get(alert.id), evidence=(EvidenceId(NAME),)))
    return town, alert


def shows_skin(page: str) -> bool:
    """Say whether a picture on the page has a pixel near the person's own colour."""
    found = PICTURE.findall(page)
    assert found
    pixels = PillowPictures().decode(base64.b64decode(found[0])).astype(int)
    return bool((np.abs(pixels - SKIN).max(axis=2) < 30).any())


def test_the_alert_shows_text_and_picture_masked(posted: tuple[Town, Alert]) -> None:
    """And what people wrote is escaped, mask or not."""
    town, alert = posted
    page = seat(town).get(f"/alerts/{alert.id}").text
    assert "[name 1] &lt;b&gt;and&lt;/b&gt; [handle 1] bring flares" in page
    assert "Nordmann" not in page
    assert not shows_skin(page)


def test_the_api_and_other_roles_get_nobody_either(posted: tuple[Town, Alert]) -> None:
    """A planner sees the alert without texts and pictures; the API's document has no field for them."""
    town, alert = posted
    planner = seat(town, "Pia", Role.PLANNER)
    for path in (f"/alerts/{alert.id}", f"/api/v1/alerts/{alert.id}"):
        answer = planner.get(path)
        assert answer.status_code == 200
        assert "Nordmann" not in answer.text
        assert "data:image/png" not in answer.text


def test_one_person_sees_it_clearly_after_another_agreed(posted: tuple[Town, Alert]) -> None:
    """Asked, approved, opened on the screen; the other still sees the mask; afterwards so does the first."""
    town, alert = posted
    kari, sol = seat(town), seat(town, "Sol", Role.SUPERVISOR)
    incident = opened(town, alert.id)
    asked = act(kari, f"/evidence/{NAME}/reveal", incident=incident.id, minutes=5, why="who is meant")
    assert asked[0] == 200
    assert act(sol, "/reveals/1/approve")[0] == 200
    assert act(kari, "/reveals/1/open")[0] == 200
    clear = kari.get(f"/evidence/{NAME}")
    assert "Kari Nordmann &lt;b&gt;and&lt;/b&gt; @luca_99" in clear.text
    assert shows_skin(clear.text)
    assert "no-store" in clear.headers["cache-control"]
    other = sol.get(f"/evidence/{NAME}").text
    assert "Nordmann" not in other
    assert "Kari sees it clearly" in other
    assert act(kari, "/reveals/1/close")[0] == 200
    assert "Nordmann" not in kari.get(f"/evidence/{NAME}").text


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fkey", "x" * 200])
def test_evidence_that_is_not_there_is_not_found(posted: tuple[Town, Alert], name: str) -> None:
    """Whatever its name is made of."""
    town, _ = posted
    assert seat(town).get(f"/evidence/{name}").status_code in {400, 404, 422}


@pytest.mark.parametrize("missing", ["incident", "minutes", "why"])
def test_asking_without_saying_all_is_refused(posted: tuple[Town, Alert], missing: str) -> None:
    """As for cameras."""
    town, alert = posted
    kari = seat(town)
    incident = opened(town, alert.id)
    fields = {"incident": incident.id, "minutes": 5, "why": "who", missing: ""}
    assert act(kari, f"/evidence/{NAME}/reveal", **fields)[0] == 400


def test_an_author_is_a_pseudonym_that_whoever_may_ask_can_ask_about(posted: tuple[Town, Alert]) -> None:
    """On the alert and on the evidence, once there is an incident; who may not see texts sees no pseudonym either."""
    town, alert = posted
    kari = seat(town)
    before = kari.get(f"/alerts/{alert.id}").text
    assert AUTHOR.pseudonym not in before
    assert "stands behind a pseudonym" in before
    incident = opened(town, alert.id)
    for path in (f"/alerts/{alert.id}", f"/evidence/{NAME}?incident={incident.id}"):
        page = kari.get(path).text
        assert AUTHOR.pseudonym in page
        assert 'action="/identities"' in page
    analyst = seat(town, "Ana", Role.EXECUTIVE).get(f"/alerts/{alert.id}").text
    assert 'action="/identities"' not in analyst


def test_a_request_stands_on_alert_and_incident_until_it_is_answered(posted: tuple[Town, Alert]) -> None:
    """The asker is led to the incident; the second person approves there and comes back to it; the asker then looks."""
    town, alert = posted
    day = NOW.date()
    town.desk.vault.keep({day: period_key(bytes(32), day)})
    name = pseudonymise(town.desk, platform("posts"), "posts", IdentityKind.HANDLE, "@mallory.example", at=NOW)
    kari, sol = seat(town), seat(town, "Sol", Role.SUPERVISOR)
    incident = opened(town, alert.id)
    fields = {
        "domain": "posts",
        "period": day.isoformat(),
        "pseudonym": name,
        "incident": incident.id,
        "why": "he calls",
    }
    asked = kari.post("/identities", data={**fields, "back": "incident"}, follow_redirects=False)
    assert asked.headers["location"] == f"/incidents/{incident.id}"
    here = f"/incidents/{incident.id}"
    for path in (here, f"/alerts/{alert.id}"):
        assert 'action="/identities/1/approve"' in sol.get(path).text
        assert 'action="/identities/1/approve"' not in kari.get(path).text
    approved = sol.post("/identities/1/approve", data={"back": here}, follow_redirects=False)
    assert approved.headers["location"] == here
    assert 'action="/identities/1/show"' in kari.get(here).text
    assert "mallory.example" in kari.post("/identities/1/show").text
    assert 'action="/identities/1/' not in kari.get(here).text
