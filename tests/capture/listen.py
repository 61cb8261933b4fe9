"""Records from a real device into a file, in a process of its own: KIND DEVICE OUT SECONDS.

Says "listening" once the first block has come: what is played before is lost.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import numpy as np

from app.capture.factory import open_source_for
from app.capture.resample import SpeechResampler

if TYPE_CHECKING:
    from app.core.audio import AudioBlock


def main(kind: str, device: str, out: str, seconds: float) -> None:
    source = open_source_for(kind, device)
    blocks: list[AudioBlock] = []
    enough = threading.Event()

    def deliver(block: AudioBlock) -> None:
        if not blocks:
            print("listening", flush=True)  # noqa: T201
        blocks.append(block)
        if block.end > seconds:
            enough.set()

    source.open()
    source.start(deliver, enough.set)
    enough.wait()
    source.close()
    stage = SpeechResampler()
    chunks = [*stage.feed(blocks), *stage.flush()]
    np.save(out, np.concatenate([chunk.samples for chunk in chunks]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
