"""Without its texts and its entitlement macOS does not ask, and delivers silence."""

from __future__ import annotations

import plistlib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_bundle_says_why_it_listens() -> None:
    recipe = (ROOT / "build.spec").read_text(encoding="utf-8")

    for key in ("NSMicrophoneUsageDescription", "NSAudioCaptureUsageDescription"):
        (line,) = [line for line in recipe.splitlines() if f'"{key}"' in line]
        assert line.partition(":")[2].strip(' ",'), key
    assert '"installer" / "entitlements.plist"' in recipe


def test_the_bundle_may_hear() -> None:
    entitlements = plistlib.loads((ROOT / "installer" / "entitlements.plist").read_bytes())

    assert entitlements["com.apple.security.device.audio-input"] is True
