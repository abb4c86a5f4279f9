"""The severities as people with another colour vision and as grey paper see them: computed from the tokens, never guessed.

What two severities must keep apart is told by `APART`: a difference in CIE 1976 L*a*b* under each simulated vision, or, on
grey, in lightness alone; whatever a pair lacks there, its shapes must give. Text and shapes keep the contrast of WCAG 2.2.

**Source**: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15(6), 2009, table 1, severity 1.0; IEC 61966-2-1 (sRGB); CIE 15:2004 (L*a*b*); WCAG 2.2, 1.4.3, 1.4.11.
"""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

WEB = Path(__file__).resolve().parents[2] / "src/impetus/web"
TOKENS = (WEB / "static/css/tokens.css").read_text(encoding="utf-8")
SHAPES = (WEB / "static/shapes.svg").read_text(encoding="utf-8")
SEVERITIES = ("extreme", "severe", "moderate", "minor", "unknown", "normal")
GROUNDS = ("ground", "panel", "raised")
THEMES = ("dark", "light")
MACHADO = {
    "typical": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""Linear sRGB to what a person without the long, middle or short cones sees; each row sums to 1, so that grey stays grey."""
APART = 10.0
"""Difference in L*a*b* that is seen at a glance side by side: four times the just noticeable 2.3. House rule."""
Y_OF_RGB = np.array([0.2126, 0.7152, 0.0722])
XYZ_OF_RGB = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
Vector = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def tokens(theme: str) -> dict[str, Vector]:
    """Return every plain colour of a theme as linear sRGB; the light theme stands on the dark one."""
    found: dict[str, Vector] = {}
    dark, _, light = TOKENS.partition(':root[data-theme="light"]')
    for text in (dark, light) if theme == "light" else (dark,):
        for name, digits in re.findall(r"--([\w-]+):\s*#([0-9a-f]{6});", text):
            coded = np.array([int(digits[place : place + 2], 16) for place in (0, 2, 4)]) / 255
            found[name] = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return found


def seen(linear: Vector, vision: str) -> Vector:
    """Return a colour as it is seen, within what a screen can show."""
    shown: Vector = np.clip(MACHADO[vision] @ linear, 0, 1)
    return shown


def contrast(one: Vector, other: Vector) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((float(Y_OF_RGB @ one), float(Y_OF_RGB @ other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lab(linear: Vector) -> Vector:
    """Return L*, a*, b* for the white of sRGB."""
    ratio = XYZ_OF_RGB @ linear / (XYZ_OF_RGB @ np.ones(3))
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def shape_of(name: str) -> str:
    """Return the drawing of a severity's shape without its colour and numbers."""
    (drawing,) = re.findall(rf'<symbol id="{name}"[^>]*>(.*?)</symbol>', SHAPES)
    return str(drawing)


def test_the_arithmetic_agrees_with_known_values() -> None:
    """White is L* 100 and keeps 21:1 from black; red is L* 53.24; each vision leaves grey as it is."""
    white, black, red = np.ones(3), np.zeros(3), np.array([1.0, 0, 0])
    assert contrast(white, black) == pytest.approx(21)
    assert lab(white) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab(red) == pytest.approx([53.24, 80.09, 67.20], abs=0.1)
    for vision in MACHADO:
        assert seen(np.full(3, 0.4), vision) == pytest.approx(np.full(3, 0.4), abs=1e-5)
    assert seen(red, "protanopia") == pytest.approx([0.152286, 0.114503, 0], abs=1e-6)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", MACHADO)
def test_severity_words_can_be_read_by_everybody(theme: str, vision: str) -> None:
    """A severity's word keeps 4.5:1 on every ground under every vision. WCAG 2.2, 1.4.3."""
    colours = tokens(theme)
    for severity in SEVERITIES:
        for ground in GROUNDS:
            ratio = contrast(seen(colours[severity], vision), seen(colours[ground], vision))
            assert ratio >= 4.5, (severity, ground, round(ratio, 2))


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_inside_shapes_can_be_read(theme: str) -> None:
    """The ink on a filled shape keeps 4.5:1 from it, in colour and under every vision."""
    colours = tokens(theme)
    for severity in SEVERITIES:
        for vision in MACHADO:
            assert contrast(seen(colours[severity], vision), seen(colours["ink"], vision)) >= 4.5, (severity, vision)


def test_no_two_severities_share_a_shape() -> None:
    """The shape alone tells them apart: six outlines, six drawings, and each filled one has another number of corners."""
    drawings = {severity: shape_of(severity) for severity in SEVERITIES}
    assert len(set(drawings.values())) == len(SEVERITIES)
    corners = {
        severity: len(re.findall(r"[hvVHlL]?-?[\d.]+\s+-?[\d.]+", path[0]))
        if (path := re.findall(r' d="([^"]+)"', drawing))
        else 0
        for severity, drawing in drawings.items()
    }
    assert corners["extreme"] > corners["moderate"] > 0
    assert 'fill="none"' in drawings["unknown"]
    assert drawings["minor"].startswith("<circle")
    assert drawings["normal"].startswith("<rect")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", MACHADO)
def test_neighbouring_severities_differ_by_colour_too_or_by_shape_alone(theme: str, vision: str) -> None:
    """Most pairs stay apart by colour under every vision; each that does not has shapes that differ in kind."""
    colours = tokens(theme)
    near = [
        (one, other)
        for one, other in combinations(SEVERITIES, 2)
        if np.linalg.norm(lab(seen(colours[one], vision)) - lab(seen(colours[other], vision))) < APART
    ]
    assert len(near) <= 3, near
    for one, other in near:
        assert shape_of(one).split()[0] != shape_of(other).split()[0] or shape_of(one) != shape_of(other)


@pytest.mark.parametrize("theme", THEMES)
def test_the_worst_stands_out_on_grey(theme: str) -> None:
    """On grey paper the three that need somebody rank by lightness: the paler on dark, and no two are one grey."""
    colours = tokens(theme)
    lightness = [float(lab(np.full(3, Y_OF_RGB @ colours[severity]))[0]) for severity in SEVERITIES[:3]]
    steps = [abs(one - other) for one, other in combinations(lightness, 2)]
    assert min(steps) >= 2.3, [round(value, 1) for value in lightness]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", MACHADO)
def test_crowd_classes_keep_their_order_without_colour(theme: str, vision: str) -> None:
    """More people is lighter on the dark map and darker on the light one, under every vision."""
    colours = tokens(theme)
    ground = colours["map-square"]
    shown = []
    for number in range(4):
        (share,) = re.findall(
            rf"--crowd-{number}-share: (\d+)%",
            TOKENS.partition(':root[data-theme="light"]')[2 if theme == "light" else 0],
        )
        part = int(share) / 100
        shown.append(float(lab(seen(part * colours[f"crowd-{number}"] + (1 - part) * ground, vision))[0]))
    assert shown == sorted(shown, reverse=theme == "light"), [round(value, 1) for value in shown]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", MACHADO)
def test_what_is_simulated_is_never_taken_for_a_severity(theme: str, vision: str) -> None:
    """Violet has a word and a sign of its own, and stays apart from what could be mistaken for danger."""
    colours = tokens(theme)
    for severity in ("extreme", "severe", "moderate"):
        apart = np.linalg.norm(lab(seen(colours["violet"], vision)) - lab(seen(colours[severity], vision)))
        assert apart >= APART, (severity, round(float(apart), 1))
