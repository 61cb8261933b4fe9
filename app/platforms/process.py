"""How this process uses threads and memory; to be settled before NumPy and models are loaded."""

from __future__ import annotations

import ctypes
import os
import sys

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h
_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD
_TRIM_THRESHOLD = -1  # M_TRIM_THRESHOLD
_LARGE = 8 * 2**20  # bytes of a block that goes back to the system as soon as it is freed
_SPARE = 32 * 2**20  # bytes of smaller ones that are kept for the next step


def prepare_process() -> None:
    """Keep libraries from starting threads of their own, and memory in one arena.

    Libraries that count the cores for themselves fight over them. With an arena for each thread
    glibc holds on to what the recogniser's threads have freed: 65 MB more at the peak. It also
    learns to keep ever larger blocks unless it is told where to stop: 25 MB more. Once told it also
    trims what it keeps to almost nothing after every step, which costs a tenth of all CPU time in
    page faults, unless it is told how much to spare.
    """
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if mallopt is not None:
            mallopt(_ARENA_MAX, 1)
            mallopt(_MMAP_THRESHOLD, _LARGE)
            mallopt(_TRIM_THRESHOLD, _SPARE)


def release_memory() -> None:
    """Give back what was freed: glibc else keeps it, in ever more pieces."""
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
