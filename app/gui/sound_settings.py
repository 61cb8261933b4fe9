"""The system's own settings for sound, where a muted or refused microphone is set right."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

if TYPE_CHECKING:
    from collections.abc import Callable

_LINUX = (
    ("gnome-control-center", "sound"),
    ("systemsettings", "kcm_pulseaudio"),
    ("cinnamon-settings", "sound"),
    ("mate-volume-control",),
    ("xfce4-mixer",),
    ("pavucontrol",),
)
_PAGES = {
    "win32": "ms-settings:sound",
    "darwin": "x-apple.systempreferences:com.apple.preference.security?Privacy_Microphone",
}


def sound_settings(
    platform: str = sys.platform, which: Callable[[str], str | None] = shutil.which
) -> Callable[[], object] | None:
    """What opens them; None where nothing that can is known."""
    page = _PAGES.get(platform)
    if page is not None:
        return lambda: QDesktopServices.openUrl(QUrl(page))
    for program, *arguments in _LINUX:
        if which(program) is not None:
            return lambda program=program, arguments=arguments: QProcess.startDetached(  # type: ignore[misc]
                program, arguments
            )
    return None
