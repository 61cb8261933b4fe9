"""Recorded sound as models hear it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.bench.manifest import Recording
from app.bench.run import load_samples

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


def samples_of(path: Path) -> NDArray[np.float32]:
    """Mono float32 at 16 kHz."""
    return load_samples(Recording(path, "en", ""))
