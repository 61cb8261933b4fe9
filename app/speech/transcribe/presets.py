"""Options that suit a model."""

from __future__ import annotations

from app.speech.transcribe.options import AlignAttOptions

_SMALL = AlignAttOptions()
_LARGER = AlignAttOptions(
    frame_threshold=20,
    frame_threshold_sure=16,
    frame_threshold_stable=14,
    frame_threshold_weak=40,
    context=1500,
    longest=12.0,
    keep=4.0,
)


def options_for(model: str) -> AlignAttOptions:
    """The larger the model, the longer it takes and the more it gains from hearing more."""
    return _SMALL if model.startswith("tiny") else _LARGER
