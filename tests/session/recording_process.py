"""A program that records until it is killed, telling after each step what is safe by now.

Run as `python -m tests.session.recording_process ROOT`. A line is: ID, frames, words.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from app.core.audio import AudioBlock
from app.core.events import Word, WordsCommitted
from app.session.recorder import RecorderStage
from app.session.store import SessionStore
from tests.session.sound import STEREO, block

TRACKS = ("mic", "system")
STEP = 400
"""Frames of a block: 50 ms."""


def main(root: Path) -> None:
    session = SessionStore(root).create("Cut short", "mic", "base", "en")
    stages = [RecorderStage(session.audio_folder, name, rotate_s=2.0) for name in TRACKS]
    for stage in stages:
        stage.open()
    for number in count():
        for stage in stages:
            for out in stage.feed([block(number * STEP, STEP, STEREO)]):
                if not isinstance(out, AudioBlock):
                    session.record(out)
        at = number * STEP / STEREO.rate
        session.record(WordsCommitted(number // 20, (Word(f" w{number}", at, at + 0.05, 0.9),)))
        sys.stdout.write(f"{session.id} {(number + 1) * STEP} {number + 1}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
