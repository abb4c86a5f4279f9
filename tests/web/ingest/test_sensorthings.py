"""OGC SensorThings 1.1: what a sensor network needs of it, and a clear no to the rest."""

from datetime import timedelta
from typing import Any

import pytest

from impetus.core.ids import Offset
from impetus.core.observation import batch_of
from ingest_samples import NOW, NOW_US, datastreams, published, readings
from ingest_site import Site, headers

STA = "/sta/v1.1"
NOON = "2026-06-01T12:00:00Z"


def get(site: Site, path: str, token: str | None = None, **options: str) -> Any:
    """Read."""
    return site.client.get(f"{STA}{path}", headers=headers(token or site.token), params=options)


def post(site: Site, path: str, document: object, token: str | None = None) -> Any:
    """Create."""
    return site.client.post(f"{STA}{path}", headers=headers(token or site.token), json=document)


def kept(site: Site) -> None:
    """Put ten readings of the square's first thermometer, one a minute up to now, into history."""
    rows = [(1, -60.0 * minute, 20.0 + minute) for minute in range(10)]
    site.desk.history.append(readings(*rows), "observations", through=Offset(1))
    site.desk.history.append(batch_of([2], [NOW_US], [float("nan")]), "observations", through=Offset(2))
    site.desk.history.flush()


def test_the_root_lists_what_is_offered(site: Site) -> None:
    """Three sets, with addresses that answer."""
    root = get(site, "").json()
    assert [each["name"] for each in root["value"]] == ["Things", "Datastreams", "Observations"]
    assert root["serverSettings"]["conformance"]
    for each in root["value"]:
        assert site.client.get(each["url"], headers=headers(site.token)).status_code == 200


def test_every_link_leads_somewhere(site: Site) -> None:
    """From the things to their datastreams and back."""
    thing = get(site, "/Things").json()["value"][0]
    assert (thing["@iot.id"], thing["name"]) == ("square/t1", "t1")
    assert thing["properties"]["position"] == {"type": "Point", "coordinates": [10.73, 59.91]}
    stream = site.client.get(thing["Datastreams@iot.navigationLink"], headers=headers(site.token)).json()["value"][0]
    assert stream["unitOfMeasurement"]["symbol"] == "Cel"
    for link in (thing["@iot.selfLink"], stream["@iot.selfLink"], stream["Thing@iot.navigationLink"]):
        assert site.client.get(link, headers=headers(site.token)).status_code == 200
    back = site.client.get(stream["Thing@iot.navigationLink"], headers=headers(site.token)).json()
    assert back == thing


def test_a_source_sees_itself_only_and_a_reader_everything(site: Site) -> None:
    """Another source's datastream does not exist for it."""
    other = datastreams(site.desk)["harbour/t1/temperature"].id
    assert len(get(site, "/Datastreams").json()["value"]) == 3
    assert get(site, f"/Datastreams({other})").status_code == 404
    assert len(get(site, "/Datastreams", site.reader).json()["value"]) == 4
    assert get(site, f"/Datastreams({other})", site.reader).status_code == 200


def test_collections_are_paged(site: Site) -> None:
    """$top, $skip, $count, and a link to the next page until there is none."""
    page = get(site, "/Datastreams", **{"$top": "2", "$count": "true"}).json()
    assert (len(page["value"]), page["@iot.count"]) == (2, 3)
    following = site.client.get(page["@iot.nextLink"], headers=headers(site.token)).json()
    assert [each["@iot.id"] for each in following["value"]] == [3]
    assert "@iot.nextLink" not in following


def test_observations_are_read_from_history(site: Site) -> None:
    """Filtered by time, ordered, paged; a missing value is null."""
    kept(site)
    since = (NOW - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    page = get(
        site,
        "/Datastreams(1)/Observations",
        **{
            "$filter": f"phenomenonTime ge {since} and phenomenonTime lt {NOON}",
            "$orderby": "phenomenonTime desc",
            "$top": "2",
        },
    ).json()
    assert [each["result"] for each in page["value"]] == [21.0, 22.0]
    assert page["value"][0]["phenomenonTime"] == "2026-06-01T11:59:00Z"
    both = get(site, "/Observations", **{"$filter": f"phenomenonTime eq {NOON}"}).json()["value"]
    assert [each["result"] for each in both] == [20.0, None]
    one = get(site, "/Observations", **{"$filter": "Datastream/id eq 2"}).json()["value"]
    assert [each["@iot.id"] for each in one] == [f"2_{NOW_US}"]
    assert site.client.get(one[0]["@iot.selfLink"], headers=headers(site.token)).json() == one[0]
    assert get(site, "/Observations('1_5')").status_code == 404


def test_reading_observations_needs_its_own_operation(site: Site) -> None:
    """A token that only sends does not read history."""
    assert get(site, "/Observations", site.harbour).status_code == 403
    assert get(site, "/Datastreams", site.harbour).status_code == 200
    assert get(site, "/Datastreams", site.declarer).status_code == 200


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"$expand": "Things"}, 501),
        ({"$select": "name"}, 501),
        ({"$orderby": "result desc"}, 501),
        ({"$filter": "result gt 5"}, 501),
        ({"$filter": "phenomenonTime ge yesterday"}, 400),
        ({"$filter": " and ".join(["Datastream/id eq 1"] * 9)}, 400),
        ({"$top": "-1"}, 400),
        ({"$top": "many"}, 400),
        ({"$skip": "999999999"}, 400),
        ({"$count": "yes"}, 400),
        ({"$filter": "Datastream/id eq 77"}, 404),
        ({"$filter": "phenomenonTime lt 0001-01-01T00:00:00Z"}, 404),
        ({"$filter": "phenomenonTime ge 9999-12-31T23:59:59Z"}, 404),
        ({"$filter": "phenomenonTime ge 2000-01-01T00:00:00Z"}, 400),
        ({"$filter": "phenomenonTime ge 2026-01-02T00:00:00Z and phenomenonTime lt 2026-01-01T00:00:00Z"}, 400),
    ],
)
def test_what_is_not_offered_is_said_clearly(site: Site, options: dict[str, str], status: int) -> None:
    """501 for an option of the standard, 400 for a value, with the limit and a remedy."""
    answer = get(site, "/Observations", **options)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["remedy"]


def test_one_observation_is_created_at_its_address(site: Site) -> None:
    """201 with its address; again is 201 with the same; another value is a conflict."""
    document = {"phenomenonTime": NOON, "result": 20.5, "Datastream": {"@iot.id": 1}}
    first, again = post(site, "/Observations", document), post(site, "/Observations", document)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.headers["location"] == again.headers["location"] == first.json()["@iot.selfLink"]
    assert published(site.desk).time_us.tolist() == [NOW_US]
    assert post(site, "/Observations", {**document, "result": 21}).status_code == 409


def test_the_path_names_the_datastream_and_our_clock_the_time(site: Site) -> None:
    """As the standard says when phenomenonTime is left out; an interval counts from its start."""
    assert post(site, "/Datastreams(2)/Observations", {"result": 1}).status_code == 201
    interval = {"phenomenonTime": f"{NOON[:-3]}10Z/{NOON[:-3]}20Z", "result": 2, "resultTime": NOON}
    assert post(site, "/Datastreams(3)/Observations", interval).status_code == 201
    assert published(site.desk).time_us.tolist() == [NOW_US, NOW_US + 10_000_000]


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"result": 900, "Datastream": {"@iot.id": 1}}, 422),
        ({"result": 1, "Datastream": {"@iot.id": 4}}, 422),
        ({"result": 1}, 422),
        ({"result": "hot", "Datastream": {"@iot.id": 1}}, 422),
        ({"Datastream": {"@iot.id": 1}}, 422),
        ({"result": 1, "phenomenonTime": 5, "Datastream": {"@iot.id": 1}}, 422),
        ({"result": 1, "parameters": {"x": 1}, "Datastream": {"@iot.id": 1}}, 422),
        ({"result": 1, "licence_plate": "AB", "Datastream": {"@iot.id": 1}}, 422),
        ([], 400),
    ],
)
def test_a_refused_observation_says_why(site: Site, document: object, status: int) -> None:
    """A problem document, and nothing is kept."""
    answer = post(site, "/Observations", document)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert len(published(site.desk)) == 0


def test_many_observations_answer_row_by_row(site: Site) -> None:
    """Section 13: an address or "error" for each row, in order; the good ones are durable."""
    groups = [
        {
            "Datastream": {"@iot.id": 1},
            "components": ["phenomenonTime", "result", "FeatureOfInterest/id"],
            "dataArray@iot.count": 3,
            "dataArray": [[NOON, 20, 1], [NOON, 900, 1], ["2026-06-01T14:00:01+0200", None, 1]],
        },
        {"Datastream": {"@iot.id": 2}, "components": ["result"], "dataArray": [[5], [5, 6], 7]},
    ]
    answer = post(site, "/CreateObservations", groups)
    assert answer.status_code == 201
    rows = answer.json()
    assert [row if row == "error" else row.rpartition("'")[0].rpartition("'")[2] for row in rows] == [
        f"1_{NOW_US}",
        "error",
        f"1_{NOW_US + 1_000_000}",
        f"2_{NOW_US}",
        "error",
        "error",
    ]
    site.intake.settle()
    with site.desk.store.read() as unit:
        assert len(unit.sources.quarantined().items) == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        [1],
        [{}],
        [{"Datastream": {}, "components": [], "dataArray": []}],
        [{"Datastream": {}, "components": ["result", "result"], "dataArray": []}],
        [{"Datastream": {}, "components": [1, "result"], "dataArray": []}],
        [{"Datastream": {}, "components": ["result"], "dataArray": 5}],
        [{"Datastream": {}, "components": ["result"], "dataArray": [], "x": 1}],
    ],
)
def test_a_data_array_of_another_shape_is_400(site: Site, body: object) -> None:
    """Before anything of it is taken."""
    assert post(site, "/CreateObservations", body).status_code == 400


def test_a_data_array_names_a_datastream_by_key_too(site: Site) -> None:
    """Keys are stable across installations."""
    group = {"Datastream": {"@iot.id": "square/t1/temperature"}, "components": ["result"], "dataArray": [[1]]}
    assert post(site, "/CreateObservations", [group]).json()[0].endswith(f"('1_{NOW_US}')")


def test_nobody_reads_without_a_token(site: Site) -> None:
    """Every path but /healthz."""
    for path in ("", "/Things", "/Datastreams(1)", "/Observations"):
        assert site.client.get(f"{STA}{path}").status_code == 401
