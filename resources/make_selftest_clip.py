"""Make `selftest.flac` out of `selftest.txt` with espeak-ng and sox; run it after the text changes.

The clip is synthesised, so that it may be given to anyone.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    text = (FOLDER / "selftest.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        spoken = Path(scratch, "spoken.wav")
        speak = ["espeak-ng", "-v", "en-gb", "-s", "150", "-w", str(spoken), text]
        subprocess.run(speak, check=True)
        clip = str(FOLDER / "selftest.flac")
        shape = ["norm", "-9", "lowpass", "6000", "pad", "0.5", "1.0"]
        subprocess.run(
            ["sox", str(spoken), "-D", "-r", "16000", "-c", "1", "-C", "8", clip, *shape],
            check=True,
        )


if __name__ == "__main__":
    main()
