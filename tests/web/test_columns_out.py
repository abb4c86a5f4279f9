"""What leaves as numbers: documents without NaN, thinned series, drawn lines, static files and vendored ones."""

import gzip
import json
import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from jinja2.bccache import Bucket

from impetus.core.errors import Misconfigured
from impetus.core.ids import SourceId
from impetus.core.observation import Batch, Source, batch_of
from impetus.desk.views import SourceView
from impetus.testing.clock import SettableClock
from impetus.web import vendor
from impetus.web.api_routes import REFUSALS, etag, problems
from impetus.web.assets import SMALLEST_COMPRESSED_BYTES, load_assets
from impetus.web.documents import latest_document, sampled_document, source_document
from impetus.web.plan import asset_keys, placed, readings
from impetus.web.render import Compiled
from impetus.web.sampling import sample
from impetus.web.security import SignInLimit, TooMany
from town import NOW

readings_of_one = st.lists(st.floats(allow_infinity=False, width=32), min_size=1, max_size=400)


def series(values: Sequence[float], datastream: int = 1) -> Batch:
    """Return readings of one datastream, one a second."""
    return batch_of([datastream] * len(values), [second * 1_000_000 for second in range(len(values))], list(values))


@given(st.lists(st.floats(), max_size=50))
def test_a_document_is_json_whatever_was_measured(values: list[float]) -> None:
    """NaN and infinity become null; every number stays itself."""
    batch = series(values)
    for document in (latest_document(batch, ["k"] * len(values)), sampled_document(batch, readings=len(values))):
        back = json.loads(document.model_dump_json())["result"]
        assert len(back) == len(values)
        for value, told in zip(values, back, strict=True):
            assert told is None if not math.isfinite(value) else told == value


def test_a_document_says_whether_it_was_thinned() -> None:
    """Two of three readings are a sample; three of three are not."""
    assert sampled_document(series([1.0, 2.0]), readings=3).sampled is True
    assert sampled_document(series([1.0, 2.0, 3.0]), readings=3).sampled is False


@given(readings_of_one, st.integers(2, 60))
def test_a_sample_is_made_of_readings_in_their_order(values: list[float], bound: int) -> None:
    """No point is invented, none comes twice, and time only goes forward."""
    batch = series(values)
    kept = sample(batch, bound)
    times = kept.time_us.tolist()
    assert times == sorted(set(times))
    for time_us, value in zip(times, kept.result.tolist(), strict=True):
        original = values[time_us // 1_000_000]
        assert value == original or (math.isnan(value) and math.isnan(original))


@given(st.integers(1, 40), st.integers(2, 30))
def test_many_datastreams_share_the_bound(streams: int, bound: int) -> None:
    """However many there are, an answer stays within it."""
    batch = batch_of(
        [number for number in range(streams) for _ in range(10)],
        list(range(10)) * streams,
        [float(row % 3) for row in range(10 * streams)],
    )
    assert len(sample(batch, bound)) <= max(2, bound)


def test_a_flat_series_keeps_its_two_ends_of_each_bucket() -> None:
    """Six equal readings in four points: lowest and highest of a bucket may be one and the same."""
    assert sample(series([5.0] * 6), 4).result.tolist() == [5.0, 5.0]


def test_readings_that_come_out_of_order_are_put_in_order() -> None:
    """History may give them as they came."""
    batch = batch_of([1] * 6, [5, 4, 3, 2, 1, 0], [0.0, 9.0, 1.0, 2.0, -5.0, 3.0])
    assert sample(batch, 4).time_us.tolist() == sorted(sample(batch, 4).time_us.tolist())


@given(st.dictionaries(st.integers(1, 9), st.floats(), max_size=9))
def test_the_map_is_told_only_json(latest: dict[int, float]) -> None:
    """Whatever was read last, of whatever stands on the plan."""
    where = {number: (f"a{number}", "people", "1/m²") for number in range(1, 5)}
    batch = batch_of(list(latest), [1_000_000] * len(latest), list(latest.values()))
    told = json.loads(json.dumps(readings(where, batch), allow_nan=False))
    assert set(told) == {f"a{number}" for number in latest if number < 5}


@pytest.mark.parametrize("text", ['{"features": []}', "{}", '{"features": [{"properties": {"role": "camera"}}]}'])
def test_a_plan_without_named_sensors_has_no_assets(tmp_path: Path, text: str) -> None:
    """A plan may hold buildings only."""
    file = tmp_path / "place.geojson"
    file.write_text(text)
    assert asset_keys(file) == frozenset()


def test_a_source_without_status_has_no_counts() -> None:
    """It has not spoken since the first start."""
    view = SourceView(
        source=Source(id=SourceId("square"), name="The square", kind="test"), status=None, datastreams=(), silent=False
    )
    document = source_document(view)
    assert (document.counts, document.seen_at, document.datastreams) == ({}, None, [])
    assert placed(frozenset({"a"}), [view]) == {}


@pytest.mark.parametrize("status", sorted(REFUSALS))
def test_every_documented_refusal_is_a_problem_document(status: int) -> None:
    """With its sentence, in one media type."""
    (route,) = problems(status).values()
    assert set(route["content"]) == {"application/problem+json"}
    assert route["description"] == REFUSALS[status]


def test_an_entity_tag_is_quoted() -> None:
    """RFC 9110, 8.8.3."""
    assert etag(7) == '"7"'


@given(st.lists(st.floats(0, 30), max_size=40), st.integers(1, 5))
def test_no_rhythm_gets_more_attempts_than_the_limit(waits: list[float], per_min: int) -> None:
    """In any minute at most twice the limit passes: what was saved up, and what that minute gives."""
    clock = SettableClock(NOW)
    limit, at, passed = SignInLimit(clock, per_min=per_min), 0.0, []
    for wait in waits:
        clock.advance(wait)
        at += wait
        with suppress(TooMany):
            limit.take("2001:db8::1")
            passed.append(at)
    for start in passed:
        assert sum(start <= moment < start + 60 for moment in passed) <= 2 * per_min


def test_waiting_as_long_as_told_is_enough() -> None:
    """The seconds in Retry-After are kept."""
    clock = SettableClock(NOW)
    limit = SignInLimit(clock, per_min=7)
    for _ in range(7):
        limit.take("a")
    with pytest.raises(TooMany) as refused:
        limit.take("a")
    clock.advance(refused.value.retry_after_s)
    limit.take("a")
    limit.take("b")
    assert set(limit._buckets) == {"a", "b"}


def test_a_template_is_compiled_once_for_all_languages() -> None:
    """A second environment finds what the first compiled; a changed text is compiled anew."""
    compiled, environment = Compiled(), Environment(autoescape=True)
    first = Bucket(environment, "key", "sum of the text")
    first.code = compile("1", "t", "eval")
    compiled.dump_bytecode(first)
    second, changed = Bucket(environment, "key", "sum of the text"), Bucket(environment, "key", "another sum")
    compiled.load_bytecode(second)
    compiled.load_bytecode(changed)
    assert second.code == first.code
    assert changed.code is None


@pytest.mark.parametrize("size", [SMALLEST_COMPRESSED_BYTES - 1, SMALLEST_COMPRESSED_BYTES])
def test_only_what_is_worth_it_is_compressed(tmp_path: Path, size: int) -> None:
    """A short file is sent as it is; a longer one shrinks to the same bytes."""
    (tmp_path / "a.js").write_bytes(b"x" * size)
    asset = load_assets(tmp_path).files["a.js"]
    assert (asset.zipped is not None) == (size >= SMALLEST_COMPRESSED_BYTES)
    assert asset.zipped is None or gzip.decompress(asset.zipped) == asset.body


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mjs", "text/javascript"),
        ("a.js", "text/javascript"),
        ("a.css", "text/css"),
        ("a.svg", "image/svg+xml"),
        ("a.woff2", "font/woff2"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.strange", "application/octet-stream"),
    ],
)
def test_a_file_has_its_media_type_on_every_machine(tmp_path: Path, name: str, kind: str) -> None:
    """Modules are refused by browsers under any other type."""
    (tmp_path / name).write_bytes(b"x")
    assert load_assets(tmp_path).files[name].media_type == kind


def test_hidden_files_and_maps_are_not_served(tmp_path: Path) -> None:
    """What lies about in a checkout is nobody's business."""
    for name in (".secret", "a.js.map", "a.js"):
        (tmp_path / name).write_text("x")
    assert set(load_assets(tmp_path).files) == {"a.js"}


def test_the_version_of_the_files_follows_their_names_and_bytes(tmp_path: Path) -> None:
    """The same files have the same address on every machine; a renamed one has another."""
    for folder, name in (("one", "a.js"), ("two", "a.js"), ("three", "b.js")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("x")
    one, two, three = (load_assets(tmp_path / folder) for folder in ("one", "two", "three"))
    assert one.version == two.version != three.version
    assert one.url("a.js") == f"/static/{one.version}/a.js"


def test_an_absent_folder_has_no_files(tmp_path: Path) -> None:
    """A checkout before `make setup` starts, without its libraries."""
    assert load_assets(tmp_path / "nothing").files == {}


def test_the_hash_of_the_libraries_follows_the_lockfile(tmp_path: Path) -> None:
    """Another lockfile means to bring them again."""
    lock = tmp_path / "package-lock.json"
    lock.write_text("{}")
    before = vendor.lock_hash(tmp_path)
    assert vendor.lock_hash(tmp_path) == before
    lock.write_text("{ }")
    assert vendor.lock_hash(tmp_path) != before


def test_no_two_libraries_take_one_name() -> None:
    """Each file of `static/vendor` comes from one place, and none leaves the folder."""
    names = [piece.name for piece in vendor.PIECES]
    assert len(set(names)) == len(names)
    assert not [name for name in names if "/" in name or name.startswith(".")]


def test_an_npm_that_does_not_answer_is_said_with_a_remedy(tmp_path: Path) -> None:
    """A path that is not there is a sentence, not a trace."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(Misconfigured, match="npm did not answer") as refused:
        vendor.install(tmp_path, tmp_path / "build", [str(tmp_path / "no-npm")])
    assert "run it again" in refused.value.remedy


def test_a_half_filled_folder_is_never_current(tmp_path: Path) -> None:
    """The stamp goes first and comes last: a break in between leaves none."""
    target = tmp_path / "vendor"
    target.mkdir()
    (target / vendor.STAMP).write_text("old\n")
    with pytest.raises(FileNotFoundError):
        vendor.take(tmp_path / "node_modules", target, "new")
    assert not (target / vendor.STAMP).exists()
    assert not vendor.is_current(target, "new")
