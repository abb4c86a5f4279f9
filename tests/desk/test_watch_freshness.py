"""Silence is an alert, told once, and so is its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from impetus.core.finding import Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, SourceId
from impetus.desk.watch_freshness import TOGETHER, Watched, watch_freshness

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
STARTED = AT - timedelta(hours=1)
SOURCE = Watched(source=SourceId("square"), name="Square", limit_s=60, seen=AT)


def ago(seconds: float) -> datetime:
    """Return a time before now."""
    return AT - timedelta(seconds=seconds)


def datastream(number: int, seen: datetime | None) -> Watched:
    """Return a datastream of the source."""
    return replace(SOURCE, datastream=DatastreamId(number), key=f"square/c{number}/count", name=f"C{number}", seen=seen)


def test_who_speaks_is_not_mentioned() -> None:
    """Within the limit, to the second, nothing is told."""
    assert watch_freshness([replace(SOURCE, seen=ago(60))], {}, started=STARTED, at=AT) == ([], {})


def test_a_silent_source_is_told_with_how_long_and_how_long_it_may() -> None:
    """The finding says who, since when and the limit."""
    (finding,), silent = watch_freshness([replace(SOURCE, seen=ago(61))], {}, started=STARTED, at=AT)

    assert (finding.kind, finding.subject, finding.began) == (Kind.SILENCE, "source:square", ago(61))
    assert finding.headline.say() == "Square is silent"
    assert finding.why.say() == "Nothing arrived for 61 s; it promised something at least every 60 s."
    assert silent == {"source:square": ago(61)}


def test_a_silence_is_told_once() -> None:
    """A later look at the same silence tells nothing."""
    watched = [replace(SOURCE, seen=ago(61))]
    _, silent = watch_freshness(watched, {}, started=STARTED, at=AT)

    assert watch_freshness(watched, silent, started=STARTED, at=AT + timedelta(days=1)) == ([], silent)


def test_the_same_silence_has_the_same_key_and_another_has_another() -> None:
    """A watch that starts anew repeats nobody, and a second silence is a new one."""
    keys = [
        watch_freshness([replace(SOURCE, seen=seen)], {}, started=STARTED, at=at)[0][0].key
        for seen, at in ((ago(61), AT), (ago(61), AT + timedelta(hours=5)), (ago(99), AT))
    ]

    assert keys[0] == keys[1] != keys[2]


def test_speaking_again_is_told_with_how_long_it_was() -> None:
    """The end has the same subject as the silence, and is past."""
    (finding,), silent = watch_freshness(
        [replace(SOURCE, seen=ago(1))], {"source:square": ago(90)}, started=STARTED, at=AT
    )

    assert (finding.subject, finding.urgency, finding.ended, finding.severity) == (
        "source:square", Urgency.PAST, AT, Severity.MINOR,
    )  # fmt: skip
    assert finding.headline.say() == "Square speaks again"
    assert finding.why.say() == "It was silent for 90 s."
    assert silent == {}


def test_a_platform_that_was_off_judges_nobody_by_that_time() -> None:
    """After a start everybody has the full limit to speak."""
    watched = [replace(SOURCE, seen=ago(90_000)), replace(SOURCE, source=SourceId("new"), seen=None)]

    assert watch_freshness(watched, {}, started=ago(60), at=AT)[0] == []
    assert len(watch_freshness(watched, {}, started=ago(61), at=AT)[0]) == 2


def test_a_restart_does_not_make_the_silent_speak() -> None:
    """Who was silent and was not heard since is still silent, although the watch is young."""
    watched = [replace(SOURCE, seen=ago(90)), replace(SOURCE, source=SourceId("never"), seen=None)]
    silent = {"source:square": ago(90), "source:never": ago(500)}

    assert watch_freshness(watched, silent, started=AT, at=AT) == ([], silent)


def test_who_promises_nothing_is_not_watched() -> None:
    """A limit of 0 means never, also for somebody who was silent before."""
    free = replace(SOURCE, limit_s=0, seen=ago(90_000))

    assert watch_freshness([free], {}, started=STARTED, at=AT) == ([], {})


def test_a_silent_source_speaks_for_its_datastreams() -> None:
    """One finding, not one per datastream; those of another source are told."""
    other = replace(datastream(2, ago(99)), source=SourceId("quay"), key="quay/c2/count")
    watched = [replace(SOURCE, seen=ago(99)), datastream(1, ago(99)), other]

    findings, silent = watch_freshness(watched, {}, started=STARTED, at=AT)

    assert sorted(finding.subject for finding in findings) == ["datastream:quay/c2/count", "source:square"]
    assert set(silent) == {"datastream:quay/c2/count", "source:square"}


def test_a_datastream_silent_before_its_source_is_not_told_again_after_it() -> None:
    """What was hidden by the source's silence stays known."""
    early = {"datastream:square/c1/count": ago(500)}
    watched = [replace(SOURCE, seen=ago(99)), datastream(1, ago(500))]
    _, silent = watch_freshness(watched, early, started=STARTED, at=AT)

    findings, silent = watch_freshness(
        [replace(SOURCE, seen=AT), datastream(1, ago(500))], silent, started=STARTED, at=AT
    )

    assert [finding.subject for finding in findings] == ["source:square"]
    assert silent == early


def test_a_few_datastreams_are_told_one_by_one_and_many_together() -> None:
    """An operator needs to know once that a cabinet is dark."""
    for count, told in ((TOGETHER, TOGETHER), (TOGETHER + 1, 1)):
        watched = [SOURCE, *(datastream(number, ago(100)) for number in range(1, count + 1))]
        findings, silent = watch_freshness(watched, {}, started=STARTED, at=AT)
        assert len(findings) == told
        assert len(silent) == count

    assert findings[0].headline.say() == f"{TOGETHER + 1} datastreams of square are silent"
    assert findings[0].datastreams == tuple(range(1, TOGETHER + 2))


def test_many_that_speak_again_are_told_together() -> None:
    """The end of a common silence has the subject of the common silence."""
    silent = {f"datastream:square/c{number}/count": ago(100) for number in range(9)}
    watched = [SOURCE, *(datastream(number, AT) for number in range(9))]

    (finding,), left = watch_freshness(watched, silent, started=STARTED, at=AT)

    assert finding.headline.say() == "9 datastreams of square speak again"
    assert (finding.subject, left) == ("source:square:datastreams", {})


def test_simulated_silence_says_so() -> None:
    """What a demo's source does is labelled."""
    (finding,), _ = watch_freshness([replace(SOURCE, seen=ago(99), simulated=True)], {}, started=STARTED, at=AT)

    assert finding.simulated
