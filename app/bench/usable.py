"""Which recordings can be measured: found out before an hour is spent on the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.capture.media import MediaFile
from app.core.errors import AppError, MediaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.bench.manifest import Recording


class LeftOut:
    """Recordings that cannot be measured, and why: a sentence for each."""

    def __init__(self) -> None:
        self._errors: dict[str, AppError] = {}

    @property
    def reasons(self) -> list[str]:
        """One line each."""
        return [f"{name} is left out: {exc}" for name, exc in self._errors.items()]

    def add(self, recording: Recording, reason: AppError) -> None:
        self._errors.setdefault(recording.path.name, reason)

    def without_bad_files(self, recordings: Iterable[Recording]) -> list[Recording]:
        """`recordings` without those whose first sound cannot be read; these are added."""
        return [recording for recording in recordings if self._is_readable(recording)]

    def check(self, left: Sequence[object]) -> None:
        """Raise the last reason, an AppError, if nothing is `left` to measure."""
        if not left and self._errors:
            raise list(self._errors.values())[-1]

    def _is_readable(self, recording: Recording) -> bool:
        try:
            with MediaFile(recording.path) as media:
                media.open()
        except MediaError as exc:
            self.add(recording, exc)
            return False
        return True
