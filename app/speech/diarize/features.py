"""The 80 mel bins that the voice model hears, as Kaldi computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 80
HOP = 160
"""Samples from one frame to the next."""
WIDTH = 400
"""Samples that a frame looks at."""


def filter_banks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mono sound in [-1, 1] at 16 kHz -> log energies (frames, BINS); frame i begins at i * HOP.

    Sound shorter than WIDTH has no frame.
    """
    from kaldi_native_fbank import FbankOptions, OnlineFbank

    options = FbankOptions()
    options.frame_opts.samp_freq = SPEECH_RATE
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = BINS
    banks = OnlineFbank(options)
    banks.accept_waveform(SPEECH_RATE, samples.tolist())
    banks.input_finished()
    frames = [banks.get_frame(at) for at in range(banks.num_frames_ready)]
    return np.array(frames, np.float32).reshape(-1, BINS)
