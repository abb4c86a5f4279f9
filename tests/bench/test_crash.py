"""The durability promise, in three rounds; `impetus bench crash` does a hundred."""

from impetus.bench.crash import run


def test_three_kills_lose_nothing_and_show_nothing_twice() -> None:
    """Readings acknowledged, findings published, events shown: each exactly once."""
    said: list[str] = []
    figures = run(said.append, rounds=3)
    assert figures["readings_acknowledged"] != 0
    assert figures["findings_published"] != 0
    assert figures["events_shown"] != 0
    wrong = {name: count for name, count in figures.items() if name.endswith(("lost", "doubled", "twice"))}
    assert wrong == dict.fromkeys(wrong, 0)
    assert len(wrong) == 7
    assert sum("killed" in line for line in said) == 3
    assert isinstance(figures["killed"], dict)
    assert sum(figures["killed"].values()) == 3
