"""NeMo's Streaming Sortformer and ours over the same minutes. Needs the extra `nemo`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.errors import ModelCorruptError
from app.speech.diarize.convert import convert
from app.speech.diarize.sortformer import SortformerStream
from app.speech.diarize.sortformer_model import SortformerModel, load_sortformer
from app.speech.diarize.sortformer_presets import PRESETS
from tests.speech.diarize import nemo_models
from tests.speech.diarize.sortformer_sound import talk

pytestmark = [
    pytest.mark.nemo,
    pytest.mark.filterwarnings("ignore"),  # NeMo's and torch's own
    pytest.mark.timeout(900),
]
MINUTES = 4


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float32]:
    return talk(MINUTES * 60 + 3.217, seed=1)


@pytest.fixture(scope="module")
def theirs(sound: NDArray[np.float32]) -> Any:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("nemo.collections.asr", reason="nemo_toolkit is not installed")
    pytest.importorskip("tqdm").tqdm.monitor_interval = 0  # no thread of its own
    model = nemo_models.random_model()
    nemo_models.configure(model, PRESETS["5s"])
    nemo_models.spread(model, sound[: 60 * 16_000])
    return model


@pytest.fixture(scope="module")
def folder(theirs: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sortformer")
    theirs.save_to(str(place / "model.nemo"))
    convert(place / "model.nemo", place)
    return place


@pytest.fixture(scope="module")
def ours(folder: Path) -> SortformerModel:
    return load_sortformer(folder)


@pytest.mark.parametrize("name", PRESETS)
def test_activity_is_that_of_nemo(
    name: str, theirs: Any, ours: SortformerModel, sound: NDArray[np.float32]
) -> None:
    nemo_models.configure(theirs, PRESETS[name])
    expected = nemo_models.hear(theirs, sound)
    stream = SortformerStream(ours, PRESETS[name])
    found: list[NDArray[np.float32]] = []
    for at in range(0, len(sound), 1000):
        found += stream.feed(sound[at : at + 1000])
    heard = np.concatenate([*found, *stream.finish()])
    assert heard.shape == expected.shape
    assert np.abs(heard - expected).max() < 1e-4
    assert len(stream.cache.frames) == 188  # it was compressed
    assert 0.05 < (expected > 0.5).mean() < 0.8  # there was something to choose from


def test_int8_is_smaller_and_hears_nearly_the_same(
    folder: Path, ours: SortformerModel, sound: NDArray[np.float32]
) -> None:
    small = convert(folder / "sortformer.onnx", folder / "int8", int8=True)
    assert small.stat().st_size < 0.6 * (folder / "sortformer.onnx").stat().st_size
    heard = []
    for model in (ours, load_sortformer(small)):
        stream = SortformerStream(model, PRESETS["2.6s"])
        heard.append(np.concatenate([*stream.feed(sound[: 10 * 16_000]), *stream.finish()]))
    assert np.corrcoef(heard[0].ravel(), heard[1].ravel())[0, 1] > 0.9


def test_a_file_that_nemo_cannot_read(theirs: Any, tmp_path: Path) -> None:
    (tmp_path / "model.nemo").write_bytes(b"not a model")
    with pytest.raises(ModelCorruptError, match="NeMo can read"):
        convert(tmp_path / "model.nemo", tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())
