"""What this process has used so far."""

from __future__ import annotations

import sys
import time


def cpu_seconds() -> float:
    """CPU time of all threads of this process."""
    return time.process_time()


def memory_mb() -> float:
    """The memory this process has in use now (resident), in MB."""
    import psutil

    return float(psutil.Process().memory_info().rss) / 2**20


def peak_memory_mb() -> float:
    """The most memory this process has had in use (resident), in MB."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
