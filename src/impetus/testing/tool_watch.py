"""Seeing whether a tool touches the outside: files, sockets, processes, threads, the clock.

An audit hook cannot be removed again, and clocks are replaced inside the tool's modules: only for a process that ends.
"""

import _thread
import datetime as dt
import random
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

OUTSIDE = (
    "open", "os.", "socket.", "subprocess.", "shutil.", "urllib.", "ftplib.", "http.", "smtplib.", "sqlite3.", "tempfile.",
    "glob.", "ctypes.", "fcntl.", "mmap.", "pathlib.", "_thread.start_new_thread", "signal.", "syslog.", "webbrowser.",
)  # fmt: skip
"""Beginnings of audit events that mean the outside. Source: Python documentation, "Audit events table"."""
CLOCKS = (
    "time",
    "time_ns",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "localtime",
    "gmtime",
    "sleep",
)
THREADS = ((_thread, ("start_new_thread",)), (threading, ("_start_new_thread",)))
"""Where threads begin: before Python 3.12 no audit event tells of them."""
CHANCE = ("random", "randint", "choice", "shuffle", "uniform", "getrandbits", "gauss", "sample")


@dataclass(slots=True)
class Watch:
    """What was touched while watching; `armed` says whether we are."""

    armed: bool = False
    touched: set[str] = field(default_factory=set)

    def install(self, package: str) -> None:
        """Add the hook, for good, and replace the clocks and chance in the modules of a package."""
        sys.addaudithook(self._audit)
        drawn = ("token_bytes", "token_hex", "randbelow")
        for owner, names in ((time, CLOCKS), (random, CHANCE), (secrets, drawn), *THREADS):
            for name in names:
                self._replace(owner, name, package)
        guarded = _guarded_datetime(self)
        for module in _modules(package):
            for name, value in list(vars(module).items()):
                if value is dt.datetime:
                    setattr(module, name, guarded)
                elif value is dt:
                    setattr(module, name, _proxy(guarded))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take note of what is touched within."""
        self.armed = True
        try:
            yield
        finally:
            self.armed = False

    def note(self, what: str) -> None:
        """Remember what was touched, if watching."""
        if self.armed:
            self.touched.add(what)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.armed and event.startswith(OUTSIDE):
            self.touched.add(f"{event} {arguments[0]!r}"[:120] if arguments else event)

    def _replace(self, owner: ModuleType, name: str, package: str) -> None:
        """Put a reporting wrapper in place of a function, in its module and wherever the package imported it to."""
        original: Callable[..., Any] = getattr(owner, name)

        def reporting(*arguments: object, **named: object) -> object:
            self.note(f"{owner.__name__}.{name}")
            return original(*arguments, **named)

        for module in (owner, *_modules(package)):
            for key, value in list(vars(module).items()):
                if value is original:
                    setattr(module, key, reporting)


def _modules(package: str) -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name == package or name.startswith(f"{package}.")]


def _guarded_datetime(watch: Watch) -> type[dt.datetime]:
    """Return a datetime whose clock reports; everything else is the real one's, also what `isinstance` says."""

    class Meta(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, dt.datetime)

    class Guarded(dt.datetime, metaclass=Meta):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:  # noqa: ANN401  # the real one's return type is Self
            watch.note("datetime.now")
            return dt.datetime.now(tz)

        @classmethod
        def utcnow(cls) -> Any:  # noqa: ANN401  # as above
            watch.note("datetime.utcnow")
            return dt.datetime.now(dt.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:  # noqa: ANN401  # as above
            watch.note("datetime.today")
            return dt.datetime.now()  # noqa: DTZ005  # what the real one does

    return Guarded


def _proxy(guarded: type[dt.datetime]) -> ModuleType:
    """Return a stand-in for the module `datetime` with the guarded class in it."""
    proxy = ModuleType("datetime")
    vars(proxy).update({name: value for name, value in vars(dt).items() if not name.startswith("__")})
    vars(proxy)["datetime"] = guarded
    return proxy
