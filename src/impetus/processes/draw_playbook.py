"""A playbook as a drawing (SVG): steps from top to bottom as they are written, ways that jump drawn beside them.

Forward jumps run on the right, ways back on the left, what follows a missed deadline is dashed. Colours come from CSS
variables with fallbacks, so that the same drawing stands on a dark screen and on paper.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from impetus.processes.playbook import END, Playbook, Step

WIDTH, GAP, MARGIN = 460, 26, 16
LINE, PAD, LANE = 18, 12, 14
LETTERS = 58
"""Letters on one line of a box at 13 px."""
MAX_LANES = 40
"""Lanes drawn beside the steps; ways beyond share the last one. House rule."""
STYLE = """
.p-box{fill:var(--panel,#fff);stroke:var(--line,#8a94a6)}
.p-must{fill:var(--text,#1b2430)}
.p-text{font:13px Inter,system-ui,sans-serif;fill:var(--text,#1b2430)}
.p-dim{font:12px Inter,system-ui,sans-serif;fill:var(--dim,#5a6575)}
.p-num{font:600 13px Inter,system-ui,sans-serif;fill:var(--text,#1b2430)}
.p-way{fill:none;stroke:var(--dim,#5a6575);stroke-width:1.4}
.p-late{stroke-dasharray:4 4}
.p-tip{fill:var(--dim,#5a6575)}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line of a box: its words and, when a way leaves from it, where to and whether only when late."""

    words: str
    style: str = "p-text"
    leads_to: str | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """A step with its rows, and where it stands from the top in pixels."""

    step: Step
    rows: tuple[_Row, ...]
    top: int

    @property
    def height(self) -> int:
        """Return the pixels the box takes."""
        return 2 * PAD + LINE * len(self.rows)

    def middle_of(self, row: int) -> int:
        """Return the height of the middle of a row, from the top of the drawing."""
        return self.top + PAD + LINE * row + LINE // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """A line from a row of one box to another box: heights of both ends, dashed when late."""

    begin: int
    end: int
    is_late: bool

    @property
    def is_back(self) -> bool:
        """Say whether it leads up."""
        return self.end <= self.begin


def draw_playbook(playbook: Playbook, *, styled: bool = True) -> str:
    """Return an SVG drawing with a title and a description for who cannot see it; its size grows with the steps.

    Not `styled`, it brings no style sheet of its own, for a page that has these classes and lets nothing inline through.
    """
    boxes = tuple(_boxes(playbook.steps))
    end_top = (boxes[-1].top + boxes[-1].height if boxes else MARGIN) + GAP
    tops = {box.step.number: box.top + PAD + LINE // 2 for box in boxes} | {END: end_top + LINE // 2}
    jumps = list(_jumps(boxes, tops))
    lanes = {side: _lanes([way for way in jumps if way.is_back is side]) for side in (False, True)}
    left = MARGIN + LANE * (1 + max((lane for _, lane in lanes[True]), default=0))
    right = left + WIDTH
    width = right + LANE * (2 + max((lane for _, lane in lanes[False]), default=0)) + MARGIN
    height = end_top + LINE + MARGIN
    parts = [
        *(_line_down(before, after, left) for before, after in _neighbours(boxes, end_top)),
        *(_curve(way, right + LANE * lane, right, 1) for way, lane in lanes[False]),
        *(_curve(way, left - LANE * lane, left, -1) for way, lane in lanes[True]),
        *(_draw_box(box, left) for box in boxes),
        f'<text class="p-num" x="{left + 14}" y="{end_top + LINE - 4}">{END}</text>',
    ]
    style = f"<style>{STYLE}</style>" if styled else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-labelledby="p-title p-desc"><title id="p-title">{_safe(playbook.title)}</title>'
        f'<desc id="p-desc">{_safe(_in_words(playbook))}</desc>{style}{"".join(parts)}</svg>\n'
    )


def _in_words(playbook: Playbook) -> str:
    """Return the drawing as sentences."""
    said = []
    for step in playbook.steps:
        ways = [f"{answer.words}: {answer.leads_to}" for answer in step.answers] or [f"then {step.leads_to or END}"]
        said.append(f"Step {step.number}, {step.role}: {step.text} ({'; '.join(ways)})")
    return " ".join(said)


def _boxes(steps: Sequence[Step]) -> Iterator[_Box]:
    """Yield the boxes from the top down."""
    top = MARGIN
    for step in steps:
        box = _Box(step=step, rows=tuple(_rows(step)), top=top)
        yield box
        top += box.height + GAP


def _rows(step: Step) -> Iterator[_Row]:
    """Yield what stands in a box."""
    lines = textwrap.wrap(f"{step.number}. {step.text}", LETTERS) or [f"{step.number}."]
    yield _Row(words=lines[0], style="p-num")
    yield from (_Row(words=line) for line in lines[1:])
    about = [step.role, *(["must"] if step.is_mandatory else [])]
    if step.together:
        about.append(f"together with {', '.join(step.together)}")
    if step.gate:
        about.append(f"proposes {step.gate.kind}, {step.gate.people} to agree")
    late = step.time_out.leads_to if step.time_out else None
    if step.time_out:
        about.append(f"within {step.time_out.within_s} s")
    yield _Row(words=" · ".join(about), style="p-dim", leads_to=late, is_late=True)
    if step.question:
        yield from (_Row(words=line) for line in textwrap.wrap(step.question, LETTERS))
    for answer in step.answers:
        yield _Row(words=f"— {textwrap.shorten(answer.words, LETTERS - 8)}", leads_to=answer.leads_to)


def _jumps(boxes: Sequence[_Box], tops: Mapping[str, int]) -> Iterator[_Way]:
    """Yield every way that is not just down to the next box."""
    for place, box in enumerate(boxes):
        following = boxes[place + 1].step.number if place + 1 < len(boxes) else END
        for number, row in enumerate(box.rows):
            if row.leads_to is not None and row.leads_to in tops:
                yield _Way(begin=box.middle_of(number), end=tops[row.leads_to], is_late=row.is_late)
        onward = [box.step.leads_to] if box.step.leads_to not in {following, None} else []
        for way in (*onward, *(number for number in box.step.together if number != following)):
            if way in tops:
                yield _Way(begin=box.middle_of(0), end=tops[way], is_late=False)


def _lanes(ways: Sequence[_Way]) -> list[tuple[_Way, int]]:
    """Give each way the nearest lane in which it crosses no other; short ones first, so that they lie inside."""
    taken: list[list[tuple[int, int]]] = []
    placed = []
    for way in sorted(ways, key=lambda one: (abs(one.end - one.begin), one.begin)):
        low, high = sorted((way.begin, way.end))
        free = (lane for lane, spans in enumerate(taken) if all(high < start or stop < low for start, stop in spans))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        placed.append((way, min(lane + 1, MAX_LANES)))
    return placed


def _neighbours(boxes: Sequence[_Box], end_top: int) -> Iterator[tuple[_Box, int]]:
    """Yield a box and the top of what it simply leads down to."""
    for place, box in enumerate(boxes):
        following = boxes[place + 1] if place + 1 < len(boxes) else None
        number = following.step.number if following else END
        if box.step.leads_to == number or number in box.step.together:
            yield box, following.top if following else end_top


def _line_down(box: _Box, to_top: int, left: int) -> str:
    middle = left + 26
    return f'<path class="p-way" d="M{middle} {box.top + box.height}V{to_top - 5}"/>{_tip(middle, to_top, 0)}'


def _curve(way: _Way, lane: int, edge: int, side: int) -> str:
    """Draw a way along its lane, round at the corners, with a tip where it arrives."""
    down = 1 if way.end > way.begin else -1
    bend = min(8, abs(way.end - way.begin) // 2)
    path = (
        f"M{edge} {way.begin}H{lane - side * bend}Q{lane} {way.begin} {lane} {way.begin + down * bend}"
        f"V{way.end - down * bend}Q{lane} {way.end} {lane - side * bend} {way.end}H{edge + side * 5}"
    )
    return f'<path class="p-way{" p-late" if way.is_late else ""}" d="{path}"/>{_tip(edge, way.end, side)}'


def _tip(x: int, y: int, side: int) -> str:
    """Draw a small triangle that points down (side 0), left (1) or right (-1)."""
    if side == 0:
        return f'<path class="p-tip" d="M{x - 4} {y - 6}h8l-4 6z"/>'
    return f'<path class="p-tip" d="M{x + side * 6} {y - 4}v8l{-side * 6} -4z"/>'


def _draw_box(box: _Box, left: int) -> str:
    """Draw a box; one that must be done has a bar at its side."""
    bar = f'<rect class="p-must" x="{left}" y="{box.top}" width="4" height="{box.height}" rx="2"/>'
    rows = "".join(
        f'<text class="{row.style}" x="{left + 14}" y="{box.middle_of(place) + 5}">{_safe(row.words)}</text>'
        for place, row in enumerate(box.rows)
    )
    return (
        f'<rect class="p-box" x="{left}" y="{box.top}" width="{WIDTH}" height="{box.height}" rx="8"/>'
        f"{bar if box.step.is_mandatory else ''}{rows}"
    )


def _safe(words: str) -> str:
    """Return words that cannot leave their place, without letters that XML forbids."""
    return escape("".join(letter if letter.isprintable() else " " for letter in words), {'"': "&quot;"})
