"""SensorThings bodies and entities: each field of the standard, what becomes of it here, and what its refusal says."""

import math
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.admission import NO_TIME
from impetus.core.errors import Malformed
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Datastream
from impetus.desk.parcel import Parcel
from impetus.web.ingest.sta_entities import (
    ROOT,
    thing_entity,
)
from impetus.web.ingest.sta_write import PASSED_OVER, SHAPE, read_data_array, read_observation

BASE = f"http://127.0.0.1:8471{ROOT}"
NOW_US = 1_780_315_200_000_000
NOON = "2026-06-01T12:00:00Z"
KEY = "square/t1/temperature"
NAMES = {KEY: DatastreamId(1)}
THERMOMETER = Datastream(
    id=DatastreamId(7),
    key=DatastreamKey(KEY),
    source=SourceId("square"),
    thing=ThingKey("square/t1"),
    thing_name="Thermometer 1",
    observed_property="temperature",
    unit="Cel",
    lowest=-40,
    highest=60,
)


def observation(datastream: int | None = None, **fields: object) -> Parcel:
    """Read one Observation of datastream 1 with these fields."""
    document = {"Datastream": {"@iot.id": 1}, "phenomenonTime": NOON, "result": 20.5, **fields}
    return read_observation(orjson.dumps(document), NAMES, NOW_US, datastream)


def group(**changes: object) -> dict[str, object]:
    """Return a group of one row, with these fields changed."""
    return {
        "Datastream": {"@iot.id": 1},
        "components": ["phenomenonTime", "result"],
        "dataArray": [[NOON, 20.5]],
        **changes,
    }


def array(*groups: object) -> Parcel:
    """Read a CreateObservations body."""
    return read_data_array(orjson.dumps(list(groups)), NAMES, NOW_US)


def test_an_observation_is_one_row() -> None:
    """Datastream, time and result."""
    batch = observation().batch
    assert (batch.datastream.tolist(), batch.time_us.tolist(), batch.result.tolist()) == ([1], [NOW_US], [20.5])


@pytest.mark.parametrize("field", sorted(PASSED_OVER))
def test_what_the_standard_knows_and_we_do_not_keep_costs_nothing(field: str) -> None:
    """A client of the standard need not be rewritten to leave them out."""
    assert observation(**{field: {"any": "thing"}}).details == {}


def test_a_time_that_is_left_out_is_our_clock() -> None:
    """Section 8.2.7: the server's time counts when the client gives none."""
    body = {"Datastream": {"@iot.id": 1}, "result": 1}
    assert read_observation(orjson.dumps(body), NAMES, NOW_US + 5).batch.time_us.tolist() == [NOW_US + 5]


@pytest.mark.parametrize("time", [f"{NOON}/2026-06-01T13:00:00Z", f"{NOON}/..", NOON])
def test_an_interval_counts_from_its_start(time: str) -> None:
    """One reading has one time here."""
    assert observation(phenomenonTime=time).batch.time_us.tolist() == [NOW_US]


@pytest.mark.parametrize("time", [5, 1.5, True, None, [], "/", "../2026-06-01T12:00:00Z"])
def test_a_time_of_another_kind_is_malformed(time: object) -> None:
    """Microseconds are our own interface's; in this standard a time is a text."""
    parcel = observation(phenomenonTime=time)
    assert parcel.batch.time_us.tolist() == [NO_TIME]
    assert parcel.details[0].startswith("time is")


def test_a_result_that_is_left_out_is_not_a_missing_value() -> None:
    """A sensor without a value says null; a body without a result is a mistake."""
    body = {"Datastream": {"@iot.id": 1}, "phenomenonTime": NOON}
    parcel = read_observation(orjson.dumps(body), NAMES, NOW_US)
    assert parcel.details == {0: "result is missing; a missing value is result null"}
    assert math.isnan(observation(result=None).batch.result[0])
    assert observation(result=None).details == {}


@pytest.mark.parametrize("field", ["parameters", "weather", "MultiDatastream"])
def test_free_form_fields_are_undeclared(field: str) -> None:
    """Anything could stand in them, so nothing of the row is taken."""
    parcel = observation(**{field: {"x": 1}})
    assert parcel.batch.datastream.tolist() == [0]
    assert parcel.details[0].startswith(f"field '{field}' is not declared")


@pytest.mark.parametrize("datastream", [None, {}, {"id": 1}, {"@iot.id": None}, {"@iot.id": "x"}, 1, "1", [1]])
def test_a_datastream_that_is_not_named_as_the_standard_does_is_undeclared(datastream: object) -> None:
    """Its id stands under `@iot.id`, a number or a key."""
    assert observation(Datastream=datastream).batch.datastream.tolist() == [0]


def test_the_datastream_of_the_path_counts() -> None:
    """What the body names beside it is passed over, as the address says it already."""
    assert observation(5, Datastream={"@iot.id": 1}).batch.datastream.tolist() == [5]


@pytest.mark.parametrize("document", [[], "text", 5, None])
def test_a_body_that_is_no_entity_is_refused_as_that(document: object) -> None:
    """An object, named."""
    with pytest.raises(Malformed) as told:
        read_observation(orjson.dumps(document), NAMES, NOW_US)
    assert told.value.limit == "an Observation entity"


def test_components_may_stand_in_any_order_and_leave_out_the_time() -> None:
    """Section 13: the components say what each column is."""
    swapped = group(components=["result", "phenomenonTime"], dataArray=[[1, NOON]])
    bare = group(components=["result"], dataArray=[[2], [3]])
    batch = array(swapped, bare).batch
    assert batch.result.tolist() == [1.0, 2.0, 3.0]
    assert batch.time_us.tolist() == [NOW_US] * 3


def test_rows_are_numbered_through_all_groups() -> None:
    """A receipt's row is the answer's row."""
    parcel = array(group(dataArray=[[NOON, 1], 5]), group(dataArray=[[NOON], [NOON, 2]]))
    assert sorted(parcel.details) == [1, 2]
    assert parcel.details[2] == "row is list; send 2 values, as there are components"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"components": ["phenomenonTime"]}, "lack result"),
        ({"components": []}, "lack result"),
        ({"components": ["result", 5]}, "components of group 0"),
        ({"components": ["result", "result"]}, "components of group 0"),
        ({"components": {}}, "no lists"),
        ({"dataArray": {}}, "no lists"),
        ({"colour": "red"}, "'colour'"),
    ],
)
def test_a_group_of_another_shape_refuses_the_body_and_names_the_group(change: dict[str, object], said: str) -> None:
    """Nothing of a body is taken whose columns are not known."""
    with pytest.raises(Malformed, match=said) as told:
        array(group(**change))
    assert told.value.value == 0
    assert told.value.limit


@pytest.mark.parametrize("missing", ["Datastream", "components", "dataArray"])
def test_a_group_lacks_nothing(missing: str) -> None:
    """The shape that is read stands in the refusal."""
    bare = group()
    del bare[missing]
    with pytest.raises(Malformed) as told:
        array(group(), bare)
    assert (told.value.value, told.value.limit) == (1, SHAPE)


def test_an_empty_list_of_groups_is_nothing_and_fine() -> None:
    """A gateway with nothing to say may say so."""
    assert len(array().batch) == 0
    assert len(array(group(dataArray=[])).batch) == 0


def test_a_refused_row_of_an_array_is_recorded_as_the_row() -> None:
    """Not as the whole body."""
    assert orjson.loads(array(group(dataArray=[[NOON, "hot"]])).record(0)) == [NOON, "hot"]


@given(some.lists(some.lists(some.floats(-40, 60), max_size=4), max_size=4))
def test_an_array_has_as_many_rows_as_its_groups_together(results: list[list[float]]) -> None:
    """None is lost between groups, and their order is kept."""
    parcel = array(*(group(dataArray=[[NOON, result] for result in rows]) for rows in results))
    assert parcel.batch.result.tolist() == [result for rows in results for result in rows]


def test_a_thing_with_one_simulated_datastream_is_simulated() -> None:
    """Who reads the thing must not take any of it for real."""
    properties = thing_entity(BASE, [THERMOMETER, replace(THERMOMETER, simulated=True)])["properties"]
    assert properties["simulated"] is True  # type: ignore[index]
