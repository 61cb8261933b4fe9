from __future__ import annotations

import json
from typing import get_args

import numpy as np
import pytest

from app.core.encoding import KINDS, UnknownKindError, decode, encode
from app.core.events import Event, Word, WordsCommitted
from tests.core.samples import SAMPLES


def test_there_is_a_sample_of_every_event() -> None:
    assert {type(sample) for sample in SAMPLES} == set(get_args(Event))


def test_kinds_are_distinct() -> None:
    assert len(set(KINDS.values())) == len(KINDS)


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: type(event).__name__)
def test_every_event_survives_json(event: Event) -> None:
    text = json.dumps(encode(event))
    assert decode(json.loads(text)) == event


def test_a_record_names_its_kind_and_fields() -> None:
    words = WordsCommitted(3, (Word(" Hi", 1.0, 1.5, 0.5),))
    assert json.loads(json.dumps(encode(words))) == {
        "type": "words",
        "utterance": 3,
        "words": [{"text": " Hi", "start": 1.0, "end": 1.5, "probability": 0.5}],
    }


def test_numbers_of_numpy_become_plain_numbers() -> None:
    start: float = np.float32(0.5)  # type: ignore[assignment]
    end: float = np.float64(0.75)
    utterance: int = np.int64(4)  # type: ignore[assignment]
    record = encode(WordsCommitted(utterance, (Word(" a", start, end, end),)))
    assert decode(json.loads(json.dumps(record))) == WordsCommitted(
        4, (Word(" a", 0.5, 0.75, 0.75),)
    )


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        encode(WordsCommitted(object(), ()))  # type: ignore[arg-type]


def test_keys_of_a_newer_version_are_ignored() -> None:
    record = {"type": "saved", "seconds": 2, "device": "x"}
    assert encode(decode(record)) == {"type": "saved", "seconds": 2.0}


@pytest.mark.parametrize("record", [{}, {"type": "mood"}, {"type": None}, {"type": ["words"]}])
def test_an_unknown_kind_is_told(record: dict[str, object]) -> None:
    with pytest.raises(UnknownKindError):
        decode(record)


@pytest.mark.parametrize(
    "record",
    [
        {"type": "saved"},
        {"type": "saved", "seconds": "2"},
        {"type": "words", "utterance": 1, "words": [{"text": " a"}]},
        {"type": "stage", "stage": "x", "state": "sleeping"},
    ],
)
def test_a_wrong_shape_is_a_value_error(record: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"Expected|missing|Invalid"):
        decode(record)
