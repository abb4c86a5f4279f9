"""Tools get ready what takes long the first time, and their host says meanwhile that it lives."""

import os
import threading

import pytest

from impetus.core.tool import Warms
from impetus.run.heartbeat import Heart
from impetus.run.tools import installed
from impetus.run.warm import GETTING_READY, main, warm


class Slow:
    """A tool whose compiler is done when the test has heard two beats."""

    heard = threading.Event()

    @classmethod
    def warm(cls) -> None:
        """Wait until somebody heard that we live."""
        assert cls.heard.wait(30)


class Broken:
    """A tool that cannot get ready."""

    @classmethod
    def warm(cls) -> None:
        """Fail as a compiler does."""
        raise ValueError("no such type")


def test_a_host_beats_while_its_tool_gets_ready() -> None:
    """Nobody takes a compiler for a hang: what is heard meanwhile says what goes on."""
    reading, writing = os.pipe()
    thread = threading.Thread(target=warm, args=(Slow, Heart(writing)))
    thread.start()
    said = os.read(reading, 4096)
    Slow.heard.set()
    thread.join(30)
    assert not thread.is_alive()
    assert GETTING_READY.encode() in said


def test_what_goes_wrong_while_getting_ready_ends_the_host_with_it() -> None:
    """It is raised where it can end the part, and the board says it."""
    with pytest.raises(ValueError, match="no such type"):
        warm(Broken, Heart())


@pytest.mark.parametrize("nothing", [object, None, int])
def test_a_tool_without_anything_to_prepare_is_passed_over(nothing: object) -> None:
    """Most tools compile nothing; no thread is left behind."""
    before = threading.active_count()
    warm(nothing, Heart())
    assert not isinstance(nothing, Warms)
    assert threading.active_count() == before


def test_the_tools_that_compile_get_ready_and_keep_nothing_of_it() -> None:
    """Twice in a row, by hand or by `make setup`, nothing is raised; who compiles offers it."""
    main()
    main()
    offering = {str(name) for name, tool in installed().items() if isinstance(tool.factory(), Warms)}
    assert {"urban_anomaly", "bacteria"} <= offering
