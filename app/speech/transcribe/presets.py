"""Options that suit a model."""

from __future__ import annotations

from dataclasses import replace

from app.speech.transcribe.options import AlignAttOptions, LocalAgreementOptions, RevisionOptions

_SMALL = AlignAttOptions(
    step=0.5, frame_threshold=24, frames_per_certainty=9.0, frame_threshold_sure=5, doubt=0.35
)
_LARGER = AlignAttOptions(
    step=0.5,
    frame_threshold=24,
    frames_per_certainty=6.0,
    frame_threshold_sure=9,
    doubt=0.6,
    longest=10.0,
)


PRESETS = ("ultra-fast", "balanced", "accurate")
"""From the cheapest for the machine to the best for the text."""


def options_for(model: str, preset: str = "balanced") -> AlignAttOptions:
    """The larger the model, the longer it takes and the more it gains from hearing more."""
    options = _SMALL if model.startswith("tiny") else _LARGER
    if preset == "ultra-fast":
        return replace(options, step=0.7, longest=7.0, keep=3.0, doubt=0.0)
    if preset == "accurate":
        return _more_careful(options)
    return options


def agreement_options_for(preset: str) -> LocalAgreementOptions:
    options = LocalAgreementOptions()
    if preset == "ultra-fast":
        return replace(options, step=1.5, longest=10.0)
    return replace(options, step=0.7) if preset == "accurate" else options


def revision_options_for(preset: str) -> RevisionOptions:
    """A narrow beam loses little and takes half the time."""
    options = RevisionOptions()
    return replace(options, beams=2) if preset == "ultra-fast" else options


def _more_careful(options: AlignAttOptions) -> AlignAttOptions:
    """Words wait for 80 ms more of audio, and more of them get a closer look."""
    return replace(
        options,
        frame_threshold=options.frame_threshold + 4,
        frame_threshold_sure=options.frame_threshold_sure + 4,
        doubt=options.doubt + 0.1,
        reach=18.0,
    )
