"""Whatever a sensor, a source or a colleague calls something, it is shown as text and never becomes part of the page."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impetus.core.alert import Alert
from impetus.core.board import PartState, PartStatus, Quarantined, Rule
from impetus.core.evidence import Evidence, SeriesEvidence
from impetus.core.finding import Finding, Kind
from impetus.core.ids import (
    DatastreamId,
    DatastreamKey,
    EvidenceId,
    FindingKey,
    IncidentId,
    SourceId,
    ThingKey,
    ToolId,
)
from impetus.core.observation import Datastream, Source
from impetus.core.text import Phrase
from impetus.desk import decide, incidents, tokens, triage
from impetus.web.problems import problem_answer
from page_reader import Node, read_page
from seats import actor, keep, look, opened, seat
from town import CONSOLE, NOW, Role, Town

HOSTILE = """"'><img src=x class="planted" onerror=alert(1)></script><script class='planted'>{{7*7}}{% x %}"""
SHOWN = " ".join(HOSTILE.split())
Raise = Callable[..., Alert]
Plant = Callable[[Town, Raise], str]


def is_harmless(page: Node, *, shown: bool = True) -> bool:
    """Say whether nothing planted became an element or an attribute, and the words are there to be read."""
    planted = [node for node in page.all() if node.get("class") == "planted" or "onerror" in node.attributes]
    return not planted and "49" not in page.words and (not shown or SHOWN in page.words)


def planted_headline(town: Town, raised: Raise) -> str:
    """Plant it as the headline itself."""
    raised(HOSTILE)
    return "/"


def planted_thing(town: Town, raised: Raise) -> str:
    """Plant it as the name of a thing in a reason."""
    raised(why=Phrase(template="{thing} is dark", values={"thing": HOSTILE}))
    return "/alerts"


def planted_reason(town: Town, raised: Raise) -> str:
    """Plant it as a tool's reason, on the alert's own page."""
    return f"/alerts/{raised(why=Phrase(template=HOSTILE)).id}"


def planted_act(town: Town, raised: Raise) -> str:
    """Plant it as what a person wrote about an alert."""
    alert = raised()
    triage.shelve(town.desk, actor(town), alert.id, until=NOW + timedelta(hours=1), why=HOSTILE)
    return f"/alerts/{alert.id}"


def planted_finding(town: Town, raised: Raise) -> str:
    """Plant it as the headline of a finding that an alert joins."""
    alert = raised()
    finding = Finding(
        key=FindingKey("f1"),
        tool=ToolId("urban_anomaly"),
        kind=Kind.ANOMALY,
        subject="zone:south",
        headline=Phrase(template="{thing}", values={"thing": HOSTILE}),
        why=Phrase(template="why"),
        began=NOW,
        noticed=NOW,
    )
    with town.desk.store.write() as unit:
        unit.findings.add(finding, alert.id)
    return f"/alerts/{alert.id}"


def planted_series(town: Town, raised: Raise) -> str:
    """Plant it as the title and the unit of an explaining series, which a script element carries too."""
    column = np.array([1.0, 2.0])
    series = SeriesEvidence(
        datastream=DatastreamId(1),
        title=Phrase(template="{thing}", values={"thing": HOSTILE}),
        unit=HOSTILE,
        time_us=np.array([1, 2], dtype=np.int64),
        measured=column,
        low=column,
        high=column,
        coverage=0.95,
        from_us=2,
    )
    keep(town, "e1", Evidence(finding=FindingKey("f1"), summary=Phrase(template="s"), series=(series,)))
    return f"/alerts/{raised(evidence=(EvidenceId('e1'),)).id}"


def planted_title(town: Town, raised: Raise) -> str:
    """Plant it as the title of an incident."""
    return f"/incidents/{opened(town, raised().id, title=HOSTILE).id}"


def planted_list(town: Town, raised: Raise) -> str:
    """Plant it as title and outcome in the list of incidents."""
    incident = opened(town, raised().id, title=HOSTILE)
    incidents.close(town.desk, actor(town), incident.id, outcome=HOSTILE)
    return "/incidents?state=closed"


def planted_note(town: Town, raised: Raise) -> str:
    """Plant it as a line of a timeline."""
    incident = opened(town, raised().id)
    incidents.note(town.desk, actor(town), incident.id, HOSTILE)
    return f"/incidents/{incident.id}"


def planted_decision(town: Town, raised: Raise) -> str:
    """Plant it in every part of a decision, and as the choice of what to correct."""
    incident = opened(town, raised().id)
    decide.decide(
        town.desk,
        actor(town),
        IncidentId(incident.id),
        seen=HOSTILE,
        options=[HOSTILE, "wait"],
        choice=HOSTILE,
        reason=HOSTILE,
    )
    return f"/incidents/{incident.id}"


def planted_join(town: Town, raised: Raise) -> str:
    """Plant it as the incident that another alert could join."""
    opened(town, raised("one").id, title=HOSTILE)
    return f"/alerts/{raised('two').id}"


def planted_source(town: Town, raised: Raise) -> str:
    """Plant it as the name and kind of a source and everything about its datastream."""
    stream = Datastream(
        id=DatastreamId(0),
        key=DatastreamKey(f"square/{HOSTILE}"),
        source=SourceId("square"),
        thing=ThingKey("square/x"),
        thing_name=HOSTILE,
        observed_property=HOSTILE,
        unit=HOSTILE,
    )
    with town.desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("square"), name=HOSTILE, kind=HOSTILE), [stream])
    return "/sources"


def planted_record(town: Town, raised: Raise) -> str:
    """Plant it as a refused record and what was wrong with it."""
    record = Quarantined(
        id=0, source=SourceId("square"), at=NOW, rule=Rule.MALFORMED, detail=HOSTILE, record=HOSTILE.encode()
    )
    with town.desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("square"), name="The square", kind="test"), [])
        unit.sources.quarantine([record])
    return "/sources/quarantine"


def planted_part(town: Town, raised: Raise) -> str:
    """Plant it as what a part of the platform says about itself."""
    with town.desk.store.write() as unit:
        unit.parts.report(PartStatus(part=ToolId("fusion"), state=PartState.FAILED, note=HOSTILE))
    return "/board"


PLANTS: tuple[Plant, ...] = (
    planted_headline,
    planted_thing,
    planted_reason,
    planted_act,
    planted_finding,
    planted_series,
    planted_title,
    planted_list,
    planted_note,
    planted_decision,
    planted_join,
    planted_source,
    planted_record,
    planted_part,
)


@pytest.mark.parametrize("plant", PLANTS)
def test_a_hostile_name_is_read_and_not_run(town: Town, raised: Raise, plant: Plant) -> None:
    """Wherever it is planted, an operator reads it as it was written, and the page keeps its shape."""
    operator = seat(town)
    assert is_harmless(look(operator, plant(town, raised)))


def test_a_hostile_name_in_an_attribute_stays_in_it(town: Town, raised: Raise) -> None:
    """Headlines stand in `data-` attributes for the dialogs, whole and quoted."""
    operator = seat(town)
    raised(HOSTILE)
    carried = [node.get("data-about") for node in look(operator, "/").all("a") if node.get("data-about")]
    assert set(carried) == {HOSTILE}


def test_a_hostile_program_is_harmless_to_its_administrator(town: Town) -> None:
    """The name of a token, in the table and in the label of its button."""
    admin = seat(town, role=Role.ADMINISTRATOR)
    tokens.issue(town.desk, CONSOLE, HOSTILE, ["alerts.read"])
    page = look(admin, "/accounts")
    assert is_harmless(page)
    assert any(HOSTILE in button.get("aria-label") for button in page.all("button"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/alerts?owner=%22%3E%3Cimg class=planted%3E", 200),
        ("/nothing/%3Cimg class=%22planted%22%3E", 404),
        ("/alerts?after=%3Cimg class=%22planted%22%3E", 400),
        ("/incidents?state=%3Cimg class=%22planted%22%3E", 422),
        ("/sources/quarantine?source=%3Cimg class=%22planted%22%3E", 200),
        ("/alerts/%3Cimg class=%22planted%22%3E", 422),
    ],
)
def test_a_hostile_address_is_harmless(town: Town, path: str, status: int) -> None:
    """What stands in an address may come back in the page, as text only."""
    assert is_harmless(look(seat(town), path, status), shown=False)


def test_what_was_typed_at_the_door_comes_back_as_text(town: Town) -> None:
    """A name that failed stays in its field, and nowhere else."""
    visitor = town.visitor()
    token = look(visitor, "/sign-in")
    csrf = next(node.get("value") for node in token.all("input") if node.get("name") == "csrf")
    page = read_page(visitor.post("/sign-in", data={"csrf": csrf, "name": HOSTILE, "password": "x"}).text)
    assert is_harmless(page, shown=False)
    assert next(node for node in page.all("input") if node.get("name") == "name").get("value") == HOSTILE


def test_the_way_back_after_signing_in_is_quoted(town: Town) -> None:
    """A link to the door with a hostile way on gives a form that goes to the picture or stays quoted."""
    page = look(town.visitor(), "/sign-in?next=/%22%3E%3Cimg class=%22planted%22%3E&chosen=%22%3E")
    assert is_harmless(page, shown=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_text_at_all_changes_the_shape_of_a_page(town: Town, text: str) -> None:
    """Any text as a headline gives the same elements as a plain one."""
    template = town.app.state.web.templates["en"].from_string(
        '{% import "_macros.html" as ui with context %}'
        '<p>{{ say(phrase) }}</p>{{ ui.field("x", text, value=text, hint=text) }}{{ ui.notice("minor", text, text) }}'
    )

    def shape(words: str) -> list[str]:
        page = template.render(phrase=Phrase(template="{x}", values={"x": words}), text=words)
        return [node.tag for node in read_page(page).all()]

    assert shape(text or "x") == shape("plain")


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60))
def test_a_problem_document_quotes_anything(text: str) -> None:
    """Whatever a detail holds, the document is JSON that gives it back."""
    body = problem_answer({"status": 400, "detail": text, "value": {text}}).body
    assert orjson.loads(body)["detail"] == text
