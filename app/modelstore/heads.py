"""Whether the attention heads by which words are placed exist in a Whisper model.

CTranslate2 believes what config.json says about them and reads beyond its memory if that is wrong,
which ends the program. So they are compared with the header of model.bin; weights are not read.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from app.core.errors import ModelCorruptError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KNOWN_VERSION = 6
"""Of CTranslate2's binary format; the first in which there was Whisper."""
_LAYER = re.compile(r"decoder/layer_(\d+)/")
_HEADS = "decoder/num_heads"
_WIDTH = "decoder/embeddings/weight"
_HEAD_WIDTH = 64  # of every Whisper
_SMALL = 8  # bytes of the largest number that is a setting and not a weight
_HINT = (
    "Copy alignment_heads from generation_config.json of the original model, or from config.json "
    "of a published conversion of the same model: a list of pairs such as [[3, 1], [4, 2]], each a "
    "layer of the decoder and a head in it, counted from 0."
)


@dataclass(frozen=True, slots=True)
class Decoder:
    """How many layers the decoder has, and how many heads each of them."""

    layers: int
    heads: int


def check_alignment_heads(folder: Path) -> None:
    """Raises ModelError unless config.json in `folder` names heads that model.bin has.

    Raises ModelCorruptError if a file is cut off, OSError if one cannot be read.
    """
    named = _named_heads(folder)
    if not named:
        raise ModelError(
            f"The file config.json in {folder} has no alignment_heads, without which words have "
            "no times",
            hint=_HINT,
        )
    if not _are_pairs(named):
        raise ModelError(
            f"The alignment_heads in config.json in {folder} are not a list of pairs of whole "
            "numbers from 0",
            hint=_HINT,
        )
    decoder = decoder_of(folder / "model.bin")
    if decoder is None:
        return
    for layer, head in named:
        if layer >= decoder.layers or head >= decoder.heads:
            raise ModelError(
                f"The alignment_heads in config.json in {folder} belong to another model: "
                f"[{layer}, {head}] does not exist, as the decoder has {decoder.layers} layers "
                f"of {decoder.heads} heads",
                hint=_HINT,
            )


def decoder_of(weights: Path) -> Decoder | None:
    """What the header of model.bin says; None if it is of a kind that is not known here.

    Raises ModelCorruptError if the file is cut off, OSError.
    """
    size = weights.stat().st_size
    layers: set[int] = set()
    heads = width = 0
    with weights.open("rb") as file:
        try:
            for variable in _Header(file).variables():
                if variable.end > size:
                    raise EOFError
                if found := _LAYER.match(variable.name):
                    layers.add(int(found[1]))
                elif variable.name == _HEADS:
                    heads = variable.number
                elif variable.name == _WIDTH:
                    width = variable.shape[-1]
        except (EOFError, IndexError, UnicodeDecodeError, struct.error) as exc:
            raise ModelCorruptError(
                f"The file {weights} is damaged or cut off", hint="Fetch or copy it again."
            ) from exc
    heads = heads or width // _HEAD_WIDTH
    return Decoder(max(layers) + 1, heads) if layers and heads else None


@dataclass(frozen=True, slots=True)
class _Variable:
    """`number` is its value if it is a single one; `end` is the place behind it in the file."""

    name: str
    shape: tuple[int, ...]
    number: int
    end: int


class _Header:
    """Goes through the names and shapes in a model.bin, leaping over the weights."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def variables(self) -> Iterator[_Variable]:
        """All of them; none if the format is not known. Raises EOFError, struct.error."""
        if self._take("I") != _KNOWN_VERSION:
            return
        self._text()
        self._take("I")  # revision of the specification
        for _ in range(self._take("I")):
            yield self._variable()

    def _variable(self) -> _Variable:
        name = self._text()
        shape = tuple(self._take("I") for _ in range(self._take("B")))
        self._take("B")  # the type of its numbers
        size = self._take("I")
        end = self._file.tell() + size
        number = int.from_bytes(self._file.read(size), "little") if size <= _SMALL else 0
        self._file.seek(end)
        return _Variable(name, shape, number, end)

    def _text(self) -> str:
        length = self._take("H")
        return self._exactly(length).rstrip(b"\0").decode()

    def _take(self, kind: str) -> int:
        form = "<" + kind
        (number,) = struct.unpack(form, self._exactly(struct.calcsize(form)))
        return int(number)

    def _exactly(self, count: int) -> bytes:
        got = self._file.read(count)
        if len(got) < count:
            raise EOFError
        return got


def _named_heads(folder: Path) -> Any:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as exc:
        raise ModelCorruptError(
            f"The file config.json in {folder} is damaged", hint="Fetch or copy it again."
        ) from exc
    return config.get("alignment_heads") if isinstance(config, dict) else None


def _are_pairs(named: Any) -> bool:
    return isinstance(named, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(type(number) is int and number >= 0 for number in pair)
        for pair in named
    )
