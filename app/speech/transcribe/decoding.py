"""What a user may set about decoding, and the options that come of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.speech.transcribe.presets import agreement_options_for, options_for, revision_options_for

if TYPE_CHECKING:
    from app.speech.transcribe.decoders import DecoderOptions
    from app.speech.transcribe.options import (
        AlignAttOptions,
        LocalAgreementOptions,
        RevisionOptions,
    )

POLICIES = ("alignatt", "local-agreement", "offline")
"""When words count as recognised; offline: only whole windows, as they are stored."""
TRIMMINGS = ("segment", "sentence")


@dataclass(frozen=True, slots=True)
class Decoding:
    """Wishes for a run; None leaves a value to the preset, which "auto" leaves to the machine."""

    preset: str = "auto"
    frame_threshold: int | None = None  # encoder frames of 20 ms
    beams: int | None = None
    min_chunk: float | None = None  # seconds
    audio_max_len: float | None = None  # seconds
    never_fire: bool = False
    context_tokens: int | None = None
    static_prompt: str = ""
    confidence_validation: float | None = None
    buffer_trimming: str = "segment"


BALANCED = Decoding(preset="balanced")
"""The same on every machine, which is not measured."""


def streaming_options(policy: str, decoding: Decoding, model: str, preset: str) -> DecoderOptions:
    """Options of a live policy; `preset` counts where the user named none."""
    chosen = preset if decoding.preset == "auto" else decoding.preset
    if policy == "local-agreement":
        return _agreement(decoding, agreement_options_for(chosen))
    return _alignatt(decoding, options_for(model, chosen))


def revision_options(decoding: Decoding, preset: str) -> RevisionOptions:
    """Options of what is stored."""
    options = revision_options_for(preset if decoding.preset == "auto" else decoding.preset)
    return replace(
        options,
        beams=options.beams if decoding.beams is None else decoding.beams,
        static_prompt=decoding.static_prompt,
    )


def offline_options(decoding: Decoding, preset: str) -> RevisionOptions:
    """Options of recognition that is offline alone."""
    options = revision_options(decoding, preset)
    wanted = options.longest if decoding.audio_max_len is None else decoding.audio_max_len
    tokens = decoding.context_tokens
    return replace(
        options,
        longest=min(options.longest, wanted),
        prompt_tokens=options.prompt_tokens if tokens is None else tokens,
    )


def _alignatt(decoding: Decoding, options: AlignAttOptions) -> AlignAttOptions:
    if decoding.frame_threshold is not None:
        options = _with_threshold(options, decoding.frame_threshold)
    if decoding.audio_max_len is not None:
        options = _with_length(options, decoding.audio_max_len)
    tokens = decoding.context_tokens
    return replace(
        options,
        step=options.step if decoding.min_chunk is None else decoding.min_chunk,
        closer_beams=options.closer_beams if decoding.beams is None else decoding.beams,
        prompt_tokens=options.prompt_tokens if tokens is None else tokens,
        never_fire=decoding.never_fire,
        static_prompt=decoding.static_prompt,
    )


def _with_threshold(options: AlignAttOptions, frames: int) -> AlignAttOptions:
    """The others keep their ratio to the threshold of a word that is as likely as not."""
    ratio = frames / options.frame_threshold
    return replace(
        options,
        frame_threshold=frames,
        frames_per_certainty=options.frames_per_certainty * ratio,
        frame_threshold_sure=round(options.frame_threshold_sure * ratio),
    )


def _with_length(options: AlignAttOptions, seconds: float) -> AlignAttOptions:
    reach = max(seconds, options.reach)
    return replace(options, longest=seconds, keep=min(options.keep, seconds / 2), reach=reach)


def _agreement(decoding: Decoding, options: LocalAgreementOptions) -> LocalAgreementOptions:
    longest, tokens = decoding.audio_max_len, decoding.context_tokens
    return replace(
        options,
        step=options.step if decoding.min_chunk is None else decoding.min_chunk,
        longest=options.longest if longest is None else longest,
        prompt_tokens=options.prompt_tokens if tokens is None else tokens,
        trimming=decoding.buffer_trimming,
        validation=decoding.confidence_validation,
        static_prompt=decoding.static_prompt,
        never_fire=decoding.never_fire,
    )
