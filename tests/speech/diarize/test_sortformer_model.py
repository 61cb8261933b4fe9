"""Loading Sortformer, and what is refused."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.core.errors import ModelCorruptError, ModelError, ModelMissingError
from app.speech.diarize.convert import convert
from app.speech.diarize.sortformer import SortformerStream
from app.speech.diarize.sortformer_model import FILE, load_sortformer
from app.speech.onnx import onnx_runtime
from tests.speech.diarize.sortformer_sound import DIM, SETTINGS, TALK_S, SmallNetwork, talk

SMALL = Path(__file__).with_name("sortformer.onnx")


@dataclass(frozen=True)
class Node:
    name: str
    shape: tuple[object, ...] = ()
    type: str = "tensor(float)"


INPUTS = {
    node.name: node
    for node in (
        Node("chunk", (1, "t", 128)),
        Node("chunk_lengths", (1,), "tensor(int64)"),
        Node("spkcache", (1, "s", DIM)),
        Node("spkcache_lengths", (1,), "tensor(int64)"),
        Node("fifo", (1, "f", DIM)),
        Node("fifo_lengths", (1,), "tensor(int64)"),
    )
}
OUTPUTS = ("spkcache_fifo_chunk_preds", "chunk_pre_encode_embs", "chunk_pre_encode_lengths")


@dataclass
class FakeSession(SmallNetwork):
    """What ONNX Runtime would say about a file."""

    inputs: dict[str, Node] = field(default_factory=lambda: dict(INPUTS))
    outputs: tuple[str, ...] = OUTPUTS
    metadata: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def get_inputs(self) -> list[Node]:
        return list(self.inputs.values())

    def get_outputs(self) -> list[Node]:
        return [Node(name) for name in self.outputs]

    def get_modelmeta(self) -> SimpleNamespace:
        return SimpleNamespace(custom_metadata_map=self.metadata)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """What is loaded instead of any file."""
    runtime = onnx_runtime()

    fake = FakeSession()
    monkeypatch.setattr(runtime, "InferenceSession", lambda *_args, **_options: fake)
    return fake


def refusal(path: Path = SMALL) -> str:
    with pytest.raises(ModelError) as caught:
        load_sortformer(path)
    assert "captionist models convert" in caught.value.hint
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_run_with_onnx_runtime_as_nemo_runs_it() -> None:
    stream = SortformerStream(load_sortformer(SMALL), SETTINGS["2.6s"])
    ours = np.concatenate([*stream.feed(talk(TALK_S)), *stream.finish()])
    with np.load(SMALL.with_suffix(".npz")) as recorded:
        assert np.abs(ours - recorded["activity 2.6s"]).max() < 1e-4


def test_a_folder_is_as_good_as_its_file(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / FILE)
    assert load_sortformer(tmp_path).dim == DIM


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="There is no Sortformer model"):
        load_sortformer(tmp_path)


def test_a_file_that_is_not_onnx(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelCorruptError, match="not an ONNX model"):
        load_sortformer(path)


def test_another_onnx_model() -> None:
    import faster_whisper

    path = Path(faster_whisper.__file__).parent / "assets" / "silero_vad_v6.onnx"
    assert "it has no chunk, chunk_lengths" in refusal(path)


def test_a_missing_output(session: FakeSession) -> None:
    session.outputs = OUTPUTS[1:]
    assert refusal().endswith("it has no spkcache_fifo_chunk_preds")


def test_an_unknown_input(session: FakeSession) -> None:
    session.inputs["language"] = Node("language")
    assert refusal().endswith("it also asks for language")


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (Node("chunk", (1, "t", 80)), "80 mel bands instead of 128"),
        (Node("chunk", (1, 1000, 128)), "chunk is fixed at 1000 frames"),
        (Node("chunk", (1, "t")), "tensor(float) of 2 dimensions"),
        (replace(INPUTS["fifo"], type="tensor(float16)"), "fifo is tensor(float16)"),
        (Node("fifo", (1, "f", 256)), "differ in width"),
        (Node("spkcache", (1, "s", "d")), "differ in width"),
    ],
)
def test_inputs_of_another_shape(session: FakeSession, node: Node, said: str) -> None:
    session.inputs[node.name] = node
    assert said in refusal()


@pytest.mark.parametrize(
    "metadata",
    [{"spkcache_len": "many"}, {"spkcache_len": "3"}, {"spkcache_sil_frames_per_spk": "-1"}],
)
def test_metadata_that_makes_no_sense(session: FakeSession, metadata: dict[str, str]) -> None:
    session.metadata = metadata
    assert "its metadata says" in refusal()


def test_metadata_sets_the_rules_of_the_cache(session: FakeSession) -> None:
    session.metadata = {"spkcache_len": "200", "sil_threshold": "0.1", "chunk_len": "124"}
    rules = load_sortformer(SMALL).rules
    assert (rules.spkcache_len, rules.sil_threshold) == (200, 0.1)


def test_a_model_that_answers_otherwise_is_found_out_when_it_is_loaded(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_outputs: object, _inputs: object) -> list[Any]:
        return [np.zeros((1, 2, 3), np.float32), np.zeros((1, 2, DIM), np.float32)]

    monkeypatch.setattr(session, "run", run)
    assert "answers with shapes (1, 2, 3)" in refusal()


def test_a_model_that_cannot_be_run(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_outputs: object, _inputs: object) -> list[Any]:
        raise RuntimeError("no kernel")

    monkeypatch.setattr(session, "run", run)
    assert "cannot be run" in refusal()


def test_the_graphics_card_is_used_where_onnx_runtime_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = onnx_runtime()

    asked: dict[str, Any] = {}

    def load(_path: str, options: Any, providers: list[str]) -> FakeSession:
        asked.update(options=options, providers=providers)
        return FakeSession()

    present = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(runtime, "InferenceSession", load)
    monkeypatch.setattr(runtime, "get_available_providers", lambda: present)
    load_sortformer(SMALL)
    assert asked["providers"] == present[1:]
    assert asked["options"].intra_op_num_threads == 1
    spinning = "session.intra_op.allow_spinning"
    assert asked["options"].get_session_config_entry(spinning) == "0"


def test_converting_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "model.nemo"
    source.write_bytes(b"anything")
    for name in ("torch", "nemo", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModelError, match="torch, nemo_toolkit, onnx") as caught:
        convert(source, tmp_path / "out")
    assert "pip install 'captionist[nemo]'" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_converting_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="There is no file"):
        convert(tmp_path / "model.nemo", tmp_path)


def test_converting_what_is_converted(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="ONNX model already") as caught:
        convert(SMALL, tmp_path)
    assert "--int8" in caught.value.hint
