"""`impetus source look`: what a recorded body would become, before anything is declared."""

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from feed_samples import SAMPLES
from impetus.cli import source
from impetus.core.errors import ImpetusError
from impetus.run.feed_formats import PLAIN

RUNNER = CliRunner()


def look(*arguments: str) -> str:
    """Run the command and return what it says."""
    app = Typer()
    source.register(app)
    result = RUNNER.invoke(app, ["source", "look", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        ("siri-vm.xml", "siri", "har:line:17/delay"),
        ("datex2-v2.xml", "datex2", "har_w_07/wind_speed"),
        ("nilu.json", "nilu", "north-quay/no2"),
        ("gtfs.pb", "gtfs-realtime", "17/vehicles"),
        ("table.csv", "table", "table/people"),
        ("ngsi-notification.json", "ngsi-ld", "sound_level"),
        ("openaq-sensors.json", "openaq", "no2_ratio"),
    ],
)
def test_every_recorded_sample_can_be_looked_at(name: str, form: str, said: str) -> None:
    """Keys, units, newest readings, and what is left out."""
    shown = json.loads(look(str(SAMPLES / name), "--format", form, "--json"))
    assert any(said in key for key in shown["datastreams"])
    assert shown["readings"] >= len(shown["datastreams"])


def test_people_see_a_table_and_what_was_left_out() -> None:
    """With the reason."""
    said = look(str(SAMPLES / "nilu.json"), "--format", "nilu")
    assert "4 readings of 4 datastreams" in said
    assert "left out: 1 times a component nobody here knows" in said
    assert "none" in said


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A file that is not there, a format nobody knows, another body."""
    for arguments in (
        (str(tmp_path / "x"), "--format", "nilu"),
        (str(SAMPLES / "nilu.json"), "--format", "x"),
        (str(SAMPLES / "nilu.json"), "--format", "siri"),
    ):
        with pytest.raises(ImpetusError):
            look(*arguments)
    assert "siri" in PLAIN
