"""The real `Sounds`: the microphone and the system's audio for three seconds.

Everything heavy is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.gui.rows import Sound, SoundRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.capture.soundcheck import SoundReport
    from app.gui.rows import SoundWish


class RealSounds:
    """`Sounds` over the devices of this computer."""

    def check(
        self, wishes: Sequence[SoundWish], level: Callable[[str, float], object]
    ) -> list[SoundRow]:
        from app.capture.factory import open_source_for
        from app.capture.soundcheck import check_sound

        sources = [open_source_for(wish.source, wish.device) for wish in wishes]
        return [_row(report) for report in check_sound(sources, level=level)]

    def play(self, row: SoundRow, cancelled: Callable[[], bool]) -> None:
        from app.capture.playback import play
        from app.capture.soundcheck import SoundReport

        report = row.clip
        if isinstance(report, SoundReport) and report.samples is not None:
            play(report.samples, report.rate, cancelled)


def _row(report: SoundReport) -> SoundRow:
    heard = report.samples is not None and bool(report.samples.any())
    return SoundRow(
        *(report.source, Sound(report.verdict.value), report.peak, report.error, report.hint),
        clip=report if heard else None,
    )
