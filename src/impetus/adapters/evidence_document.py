"""Evidence and phrases as JSON documents, read as strictly as the envelope they travel in.

Lists of texts and pictures, and the area, are left out when empty, so that evidence of series alone reads as it always did.
"""

import base64
import re
from collections.abc import Mapping
from datetime import date

import numpy as np

from impetus.adapters import fields
from impetus.adapters.source_area_document import read_source_area, source_area_document
from impetus.core.evidence import (
    MAX_IMAGE_BYTES,
    MAX_IMAGES,
    MAX_SERIES,
    MAX_TEXT_CHARS,
    MAX_TEXTS,
    Author,
    Evidence,
    ImageEvidence,
    SeriesEvidence,
    TextEvidence,
)
from impetus.core.ids import DatastreamId, FindingKey
from impetus.core.picture import MAX_SIDE, Box
from impetus.core.text import MAX_VALUE_CHARS, Phrase

MAX_POINTS = 10_000
"""Points of one series shown; a screen is 4,000 pixels wide. House rule."""
MAX_TEXT = 2_000
MAX_FACTS = 64
MAX_KEY = 200
MAX_LANGUAGE = 35
"""Longest language tag. Source: RFC 5646, 4.4.1."""
MAX_BOXES = 2_000
"""Persons in one picture: a full square. House rule."""
MAX_DOMAIN, MAX_KIND, MAX_PERIOD = 100, 20, 10
PERIOD = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
PSEUDONYM = re.compile(r"[a-z2-7]{26}")
"""What a pseudonym looks like: a handle or a name in its place is refused, so that none slips through as one."""


def write_phrase(phrase: Phrase) -> dict[str, object]:
    """Lay out a phrase."""
    return {"template": phrase.template, "values": dict(phrase.values)}


def read_phrase(document: fields.Fields) -> Phrase:
    """Read a phrase."""
    phrase = Phrase(template=document.text("template", MAX_TEXT), values=document.values("values", MAX_FACTS, MAX_TEXT))
    document.end()
    return phrase


def evidence_document(evidence: Evidence) -> dict[str, object]:
    """Lay out evidence."""
    document: dict[str, object] = {
        "finding": evidence.finding,
        "summary": write_phrase(evidence.summary),
        "series": [_series_document(series) for series in evidence.series],
    }
    if evidence.texts:
        document["texts"] = [_text_document(text) for text in evidence.texts]
    if evidence.images:
        document["images"] = [_image_document(image) for image in evidence.images]
    if evidence.area is not None:
        document["area"] = source_area_document(evidence.area)
    return document


def read_evidence(document: fields.Fields) -> Evidence:
    """Read evidence."""
    evidence = Evidence(
        finding=FindingKey(document.text("finding", MAX_KEY)),
        summary=read_phrase(document.inner("summary")),
        series=tuple(_series(item) for item in document.inners("series", MAX_SERIES)),
        texts=tuple(_text(item) for item in _some(document, "texts", MAX_TEXTS)),
        images=tuple(_image(item) for item in _some(document, "images", MAX_IMAGES)),
        area=read_source_area(document.inner("area")) if document.has("area") else None,
    )
    document.end()
    return evidence


def _some(document: fields.Fields, name: str, most: int) -> list[fields.Fields]:
    """Take a list of objects that is left out when empty."""
    return document.inners(name, most) if document.has(name) else []


def _series_document(series: SeriesEvidence) -> Mapping[str, object]:
    return {
        "datastream": series.datastream,
        "title": write_phrase(series.title),
        "unit": series.unit,
        "time_us": np.ascontiguousarray(series.time_us),
        "measured": np.ascontiguousarray(series.measured),
        "low": np.ascontiguousarray(series.low),
        "high": np.ascontiguousarray(series.high),
        "coverage": series.coverage,
        "from_us": series.from_us,
    }


def _series(document: fields.Fields) -> SeriesEvidence:
    """Read one series; its columns have one length."""
    series = SeriesEvidence(
        datastream=DatastreamId(document.whole_number("datastream")),
        title=read_phrase(document.inner("title")),
        unit=document.text("unit", MAX_VALUE_CHARS, shortest=0),
        time_us=np.asarray(document.whole_numbers("time_us", MAX_POINTS), dtype=np.int64),
        measured=document.column("measured", MAX_POINTS),
        low=document.column("low", MAX_POINTS),
        high=document.column("high", MAX_POINTS),
        coverage=document.number("coverage", lowest=0.0, highest=1.0),
        from_us=document.whole_number("from_us"),
    )
    document.end()
    lengths = {column.shape for column in (series.time_us, series.measured, series.low, series.high)}
    if len(lengths) != 1:
        raise document.wrong("time_us", sorted(lengths), "four columns of one length")
    return series


def _text_document(text: TextEvidence) -> Mapping[str, object]:
    document: dict[str, object] = {
        "title": write_phrase(text.title),
        "text": text.text,
        "at": fields.say_time(text.at),
        "language": text.language,
        "is_masked": text.is_masked,
    }
    if text.author is not None:
        author = text.author
        document["author"] = {
            "domain": author.domain,
            "period": author.period.isoformat(),
            "pseudonym": author.pseudonym,
            "kind": author.kind,
        }
    return document


def _text(document: fields.Fields) -> TextEvidence:
    """Read one text."""
    text = TextEvidence(
        title=read_phrase(document.inner("title")),
        text=document.text("text", MAX_TEXT_CHARS, shortest=0),
        at=document.time("at"),
        language=document.text("language", MAX_LANGUAGE, shortest=0),
        is_masked=document.truth("is_masked"),
        author=_author(document.inner("author")) if document.has("author") else None,
    )
    document.end()
    return text


def _author(document: fields.Fields) -> Author:
    """Read who wrote a text: a pseudonym, and nothing that is none."""
    period, pseudonym = document.text("period", MAX_PERIOD), document.text("pseudonym", MAX_KEY)
    if not PERIOD.fullmatch(period) or not _is_day(period):
        raise document.wrong("period", period, "a day as YYYY-MM-DD")
    if not PSEUDONYM.fullmatch(pseudonym):
        raise document.wrong("pseudonym", f"{len(pseudonym)} characters", "26 letters a-z and digits 2-7")
    author = Author(
        domain=document.text("domain", MAX_DOMAIN),
        period=date.fromisoformat(period),
        pseudonym=pseudonym,
        kind=document.text("kind", MAX_KIND),
    )
    document.end()
    return author


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _image_document(image: ImageEvidence) -> Mapping[str, object]:
    boxes = None if image.boxes is None else [[box.left, box.top, box.right, box.bottom] for box in image.boxes]
    return {
        "title": write_phrase(image.title),
        "camera": image.camera,
        "at": fields.say_time(image.at),
        "body": base64.b64encode(image.body).decode("ascii"),
        "boxes": None if boxes is None else [number for box in boxes for number in box],
        "is_masked": image.is_masked,
        "simulated": image.simulated,
    }


def _image(document: fields.Fields) -> ImageEvidence:
    """Read one picture, not yet unfolded: whoever shows it checks it first."""
    image = ImageEvidence(
        title=read_phrase(document.inner("title")),
        camera=document.text("camera", MAX_KEY, shortest=0),
        at=document.time("at"),
        body=document.bytes_("body", MAX_IMAGE_BYTES),
        boxes=document.optional("boxes", lambda name: _boxes(document, name)),
        is_masked=document.truth("is_masked"),
        simulated=document.truth("simulated"),
    )
    document.end()
    return image


def _boxes(document: fields.Fields, name: str) -> tuple[Box, ...]:
    """Read boxes, four whole numbers each: left, top, right, bottom."""
    numbers = document.whole_numbers(name, 4 * MAX_BOXES)
    boxes = tuple(
        Box(left=left, top=top, right=right, bottom=bottom)
        for left, top, right, bottom in zip(*(numbers[place::4] for place in range(4)), strict=False)
    )
    sides = [abs(number) for number in numbers]
    is_turned = any(box.right < box.left or box.bottom < box.top for box in boxes)
    if len(numbers) % 4 or is_turned or max(sides, default=0) > 2 * MAX_SIDE:
        raise document.wrong(name, numbers[:4], "left, top, right, bottom of each person, within twice the picture")
    return boxes
