"""The heads that config.json names are compared with the decoder in model.bin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.errors import ModelCorruptError, ModelError
from app.modelstore.heads import Decoder, check_alignment_heads, decoder_of
from app.speech.transcribe.ctmodel import Loading, load_model
from tests.modelstore.models import weights, write_model


def with_heads(folder: Path, heads: object, body: bytes = weights(4, 6)) -> Path:
    config = json.dumps({"alignment_heads": heads}).encode()
    return write_model(folder, changed={"config.json": config, "model.bin": body})


@pytest.mark.parametrize(
    ("body", "decoder"),
    [
        (weights(4, 6), Decoder(4, 6)),
        (weights(12, 20), Decoder(12, 20)),
        (weights(4, None), Decoder(4, 2)),
        (b"\x07" + weights(4, 6)[1:], None),
        (b"version https://git-lfs.github.com/spec/v1", None),
    ],
)
def test_layers_and_heads_are_read_from_the_header(
    tmp_path: Path, body: bytes, decoder: Decoder | None
) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(body)
    assert decoder_of(file) == decoder


def test_a_file_that_is_cut_off_anywhere_is_said_to_be(tmp_path: Path) -> None:
    whole, file = weights(2, 2), tmp_path / "model.bin"
    for length in (0, 3, 5, 15, 30, 60, 3000, len(whole) - 10):
        file.write_bytes(whole[:length])
        with pytest.raises(ModelCorruptError, match="cut off"):
            decoder_of(file)


@pytest.mark.parametrize("heads", [[[3, 5]], [[0, 0], [1, 2], [3, 3]]])
def test_heads_that_exist_are_good(tmp_path: Path, heads: object) -> None:
    check_alignment_heads(with_heads(tmp_path / "mine", heads))


def test_of_an_unknown_format_only_the_form_of_the_heads_is_checked(tmp_path: Path) -> None:
    newer = b"\x07" + weights(4, 6)[1:]
    check_alignment_heads(with_heads(tmp_path / "mine", [[40, 2]], newer))
    with pytest.raises(ModelError, match="pairs"):
        check_alignment_heads(with_heads(tmp_path / "other", [[40]], newer))


@pytest.mark.parametrize("heads", [[[4, 0]], [[0, 6]], [[0]], "x", {"0": 1}, [None], None])
def test_wrong_heads_are_refused_before_the_model_is_loaded(
    tmp_path: Path, heads: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even a folder that somebody put into the store by hand may end the program."""
    from app.speech.transcribe import ctmodel

    monkeypatch.setattr(ctmodel, "ctranslate2", None)
    with pytest.raises(ModelError, match="alignment_heads") as caught:
        load_model(with_heads(tmp_path / "mine", heads), Loading())
    assert "generation_config.json" in caught.value.hint
    assert "[[3, 1], [4, 2]]" in caught.value.hint
