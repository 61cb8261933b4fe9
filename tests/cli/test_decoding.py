"""The options of decoding: from the command line into a dataclass, and back."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from app.cli.decoding import Wishes, arguments, decoding_options, steady
from app.speech.transcribe.decoding import Decoding

SET = Decoding(
    preset="accurate",
    frame_threshold=20,
    beams=3,
    min_chunk=0.7,
    audio_max_len=10.0,
    never_fire=True,
    context_tokens=0,
    static_prompt="Names: Ada",
    confidence_validation=0.9,
    buffer_trimming="sentence",
)


def parsed(*given: str) -> Wishes:
    found: list[Wishes] = []

    @click.command()
    @decoding_options
    def command(wishes: Wishes) -> None:
        found.append(wishes)

    done = CliRunner().invoke(command, given, standalone_mode=False)
    assert done.exception is None, done.exception
    return found[0]


def test_nothing_said_is_nothing_wished() -> None:
    assert parsed() == Wishes("alignatt", Decoding())


def test_what_is_said_is_what_is_wished_and_can_be_said_again() -> None:
    assert parsed("--policy", "offline", *arguments(SET)) == Wishes("offline", SET)
    assert arguments(Decoding()) == []


@pytest.mark.parametrize(
    "given",
    [
        ("--policy", "magic"),
        ("--beams", "0"),
        ("--min-chunk", "0"),
        ("--audio-max-len", "30"),
        ("--confidence-validation", "1.5"),
        ("--buffer-trimming", "word"),
        ("--preset", "slow"),
    ],
)
def test_what_makes_no_sense_is_refused(given: tuple[str, ...]) -> None:
    @click.command()
    @decoding_options
    def command(**_: Any) -> None:
        raise AssertionError("it was taken")

    assert CliRunner().invoke(command, given).exit_code == 2


def test_a_measurement_depends_on_no_machine() -> None:
    assert steady(Decoding()).preset == "balanced"
    assert steady(SET) == SET
