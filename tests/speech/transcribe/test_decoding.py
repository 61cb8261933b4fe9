"""From what a user sets to the options of a policy."""

from __future__ import annotations

from dataclasses import fields

import pytest

from app.core.settings import RecognitionSettings
from app.speech.transcribe.decoding import (
    POLICIES,
    Decoding,
    offline_options,
    revision_options,
    streaming_options,
)
from app.speech.transcribe.options import AlignAttOptions, LocalAgreementOptions
from app.speech.transcribe.presets import PRESETS, options_for


def alignatt(decoding: Decoding, preset: str = "balanced") -> AlignAttOptions:
    options = streaming_options("alignatt", decoding, "tiny.en", preset)
    assert isinstance(options, AlignAttOptions)
    return options


def agreement(decoding: Decoding, preset: str = "balanced") -> LocalAgreementOptions:
    options = streaming_options("local-agreement", decoding, "tiny.en", preset)
    assert isinstance(options, LocalAgreementOptions)
    return options


def test_the_settings_offer_every_policy_and_preset() -> None:
    choices = {f.name: f.metadata["range"].choices for f in fields(RecognitionSettings)}
    assert choices["policy"] == POLICIES
    assert choices["preset"] == ("auto", *PRESETS)


def test_nothing_set_is_the_preset() -> None:
    assert alignatt(Decoding()) == options_for("tiny.en")
    assert agreement(Decoding()) == LocalAgreementOptions()


def test_a_chosen_preset_beats_the_machines() -> None:
    assert alignatt(Decoding(preset="accurate"), "ultra-fast") == options_for("tiny.en", "accurate")
    assert alignatt(Decoding(), "ultra-fast") == options_for("tiny.en", "ultra-fast")


@pytest.mark.parametrize("model", ["tiny.en", "base"])
def test_presets_go_from_cheap_to_patient(model: str) -> None:
    cheap, usual, patient = (options_for(model, preset) for preset in PRESETS)
    assert usual == options_for(model)
    assert cheap.step > usual.step
    assert cheap.longest < usual.longest
    assert patient.frame_threshold > usual.frame_threshold


def test_every_wish_reaches_its_option() -> None:
    wishes = Decoding(
        min_chunk=0.9, never_fire=True, context_tokens=0, static_prompt="Terms", beams=2
    )
    for options in (alignatt(wishes), agreement(wishes)):
        assert (options.step, options.never_fire, options.prompt_tokens) == (0.9, True, 0)
        assert options.static_prompt == "Terms"
    assert revision_options(wishes, "balanced").beams == 2
    assert revision_options(wishes, "balanced").static_prompt == "Terms"
    assert offline_options(wishes, "balanced").prompt_tokens == 0


def test_thresholds_keep_their_ratio() -> None:
    usual = alignatt(Decoding())
    doubled = alignatt(Decoding(frame_threshold=2 * usual.frame_threshold))
    assert doubled.frame_threshold == 2 * usual.frame_threshold
    assert doubled.frames_per_certainty == 2 * usual.frames_per_certainty
    assert doubled.frame_threshold_sure == 2 * usual.frame_threshold_sure


@pytest.mark.parametrize("seconds", [4.0, 8.0, 12.0, 20.0, 26.0])
def test_sound_may_be_as_long_as_wished(seconds: float) -> None:
    options = alignatt(Decoding(audio_max_len=seconds))
    assert options.longest == seconds
    assert options.reach >= seconds
    assert options.keep <= seconds / 2
    assert agreement(Decoding(audio_max_len=seconds)).longest == seconds
    assert offline_options(Decoding(audio_max_len=seconds), "balanced").longest == seconds


def test_what_only_local_agreement_knows() -> None:
    options = agreement(Decoding(confidence_validation=0.8, buffer_trimming="sentence"))
    assert (options.validation, options.trimming) == (0.8, "sentence")
