"""Sound and models for the tests of recognition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.core.resources import resource
from tests.fakes.recordings import samples_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.fixture(scope="session")
def spoken() -> NDArray[np.float32]:
    """The clip that comes with the program, as models hear it."""
    return samples_of(resource("selftest.flac"))
