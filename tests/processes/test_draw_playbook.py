"""The drawing of a playbook: every step and way is in it, nothing lies on another, and no text can break it."""

import itertools
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.processes.draw_playbook import draw_playbook
from impetus.processes.playbook import Answer, Playbook, Step
from processes.playbooks import GOOD, read
from processes.test_cacao import EVERY

SVG = "{http://www.w3.org/2000/svg}"


def _parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def _boxes(svg: str) -> list[tuple[int, int]]:
    """Return top and bottom of each box."""
    found = [one for one in _parse(svg).iter(f"{SVG}rect") if one.get("class") == "p-box"]
    return [(int(one.get("y", 0)), int(one.get("y", 0)) + int(one.get("height", 0))) for one in found]


@pytest.mark.parametrize("playbook", EVERY, ids=lambda playbook: f"{playbook.title}-{len(playbook.steps)}")
def test_every_step_has_a_box_below_the_one_before_and_inside_the_picture(playbook: Playbook) -> None:
    """No two boxes touch, and the picture holds all of them."""
    svg = draw_playbook(playbook)
    boxes = _boxes(svg)
    assert len(boxes) == len(playbook.steps)
    assert all(below[0] > above[1] for above, below in itertools.pairwise(boxes))
    assert boxes[-1][1] < int(_parse(svg).get("height", 0))


@pytest.mark.parametrize("playbook", EVERY, ids=lambda playbook: f"{playbook.title}-{len(playbook.steps)}")
def test_every_way_is_drawn(playbook: Playbook) -> None:
    """One line for each answer, deadline, branch and onward way; those after a deadline are dashed."""
    ways = [one.get("class") or "" for one in _parse(draw_playbook(playbook)).iter(f"{SVG}path")]
    lines = [one for one in ways if one.startswith("p-way")]
    expected = sum(
        len(step.answers) + bool(step.time_out and step.time_out.leads_to) + len(step.together) + bool(step.leads_to)
        for step in playbook.steps
    )
    shared = sum(step.leads_to in step.together for step in playbook.steps)
    assert expected - shared - len(playbook.steps) <= len(lines) <= expected
    late = sum(bool(step.time_out and step.time_out.leads_to) for step in playbook.steps)
    assert sum("p-late" in one for one in lines) == late


def test_a_step_that_must_be_done_shows_it() -> None:
    """A bar at the side, and the word."""
    must, free = (draw_playbook(read(body)[0]) for body in ("1. [operator] Look. (must) -> end\n", GOOD[0]))
    assert ('class="p-must"' in must, 'class="p-must"' in free) == (True, False)
    assert "operator · must" in must


def test_the_drawing_can_be_listened_to() -> None:
    """Title and description say the same as the lines."""
    root = _parse(draw_playbook(EVERY[4]))
    title, words = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    assert title == EVERY[4].title
    assert words
    assert "Step 1, operator: " in words
    assert "cannot tell: " in words


def test_a_way_back_runs_on_the_left_and_a_way_onward_on_the_right() -> None:
    """So that circles are seen at once."""
    body = "1. [operator] A.\n   So?\n   - a -> 3\n   - b -> 2\n   - cannot tell -> 2\n2. [operator] B. -> 1\n3. [operator] C. -> end\n"
    svg = draw_playbook(read(body)[0])
    left = min(int(number) for number in re.findall(r'class="p-box" x="(\d+)"', svg))
    lanes = [int(number) for number in re.findall(r"Q(\d+) ", svg)]
    assert any(lane < left for lane in lanes)
    assert any(lane > left + 400 for lane in lanes)


def test_hostile_words_stay_words() -> None:
    """Markup in a step is text in the drawing."""
    step = Step(
        number="1",
        line=1,
        role='operator"/><script>alert(1)</script>',
        text="</text><script>alert(1)</script>\x00\x1b",
        answers=(Answer(words="<b>", leads_to="end"),),
        question="&?",
    )
    svg = draw_playbook(Playbook(title="<x>", incident_type="t", version=1, roles=("operator",), steps=(step,)))
    assert "<script" not in svg
    assert "&lt;b&gt;" in svg
    assert _boxes(svg)


@settings(max_examples=60)
@given(words=st.text(max_size=200), ways=st.lists(st.sampled_from(["1", "2", "3", "end", "9"]), min_size=3, max_size=3))
def test_whatever_is_written_gives_a_picture(words: str, ways: list[str]) -> None:
    """Also of a playbook with faults: an author looks at it while writing."""
    steps = tuple(
        Step(number=str(place), line=place, role="operator", text=words, leads_to=way)
        for place, way in enumerate(ways, 1)
    )
    svg = draw_playbook(Playbook(title=words, incident_type="t", version=1, roles=("operator",), steps=steps))
    assert len(_boxes(svg)) == 3


def test_an_empty_playbook_is_an_empty_picture() -> None:
    """Nothing to draw is no fault of the drawing."""
    assert _boxes(draw_playbook(Playbook(title="", incident_type="", version=1, roles=(), steps=()))) == []
