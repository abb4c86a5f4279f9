"""How a pass over columns is compiled: once, kept beside its source, one thread, exact arithmetic, so that it is deterministic."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Int32s = NDArray[np.int32]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return the function compiled for the types it is first called with; `py_func` of it is the plain one."""
    return cast("Callable[_P, _R]", njit(cache=True)(function))
