"""Builds the decoder that belongs to a policy's options."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from app.speech.transcribe.alignatt import AlignAttDecoder
from app.speech.transcribe.localagreement import LocalAgreementDecoder
from app.speech.transcribe.options import AlignAttOptions, LocalAgreementOptions

if TYPE_CHECKING:
    from app.speech.transcribe.policy import StreamingDecoder
    from app.speech.transcribe.whisper import DecodingTask, Whisper

DecoderOptions: TypeAlias = AlignAttOptions | LocalAgreementOptions


def make_decoder(model: Whisper, options: DecoderOptions, task: DecodingTask) -> StreamingDecoder:
    if isinstance(options, LocalAgreementOptions):
        return LocalAgreementDecoder(model, options, task)
    return AlignAttDecoder(model, options, task)
