"""Let tools get ready what takes long the first time, so that nobody takes a compiler for a hang."""

import threading

from impetus.core.tool import Warms
from impetus.run.heartbeat import Heart
from impetus.run.tools import installed

BEAT_S = 1.0
LONGEST_S = 120.0
"""After so long without an end the host stops beating, and is ended like any part that hangs. House rule."""
GETTING_READY = "getting ready"


def warm(factory: object, heart: Heart) -> None:
    """Let a tool's class get ready while its host says that it lives; a class without anything to prepare is passed over."""
    if not isinstance(factory, Warms):
        return
    failed: list[BaseException] = []

    def work() -> None:
        try:
            factory.warm()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that may end the part
            failed.append(error)

    thread = threading.Thread(target=work, name="warm", daemon=True)
    thread.start()
    waited_s = 0.0
    while thread.is_alive():
        thread.join(BEAT_S)
        waited_s += BEAT_S
        if waited_s < LONGEST_S:
            heart.beat(note=GETTING_READY)
    if failed:
        raise failed[0]


def main() -> None:
    """Let every installed tool get ready, as `make setup` does: what is compiled is kept beside its source."""
    for tool in installed().values():
        factory: object = None if tool.fault else tool.factory()
        if isinstance(factory, Warms):
            factory.warm()


if __name__ == "__main__":
    main()
