"""Processes that must not outlive the one that started them."""

import ctypes
import signal
from collections.abc import Callable

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(ending: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn` of `subprocess`: the kernel sends `ending` when the starter is gone, even by `kill -9`.

    Linux only, and counted by thread: start such processes from a thread that stays.
    """

    def ask_kernel() -> None:
        if _libc.prctl(_SET_DEATH_SIGNAL, int(ending)) != 0:
            raise OSError(ctypes.get_errno(), "prctl")

    return ask_kernel
