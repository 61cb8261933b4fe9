"""`captionist soundcheck`: hear before a meeting what will be recorded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from app.core.errors import CaptureError
from app.platforms.process import prepare_process

if TYPE_CHECKING:
    from app.capture.soundcheck import SoundReport

_SENTENCES = {
    "fine": "fine",
    "too-quiet": "too quiet. Turn it up, or come closer to the microphone.",
    "silent": "silent: exactly zero. It may be muted, or not allowed to this program.",
    "clipping": "too loud: it is clipped. Turn it down.",
    "nothing-came": "nothing came. Check the device, or choose another one.",
}
_NOTHING_PLAYED = "silent: nothing was played. Play something meanwhile to be sure."


@click.command()
@click.option(
    "--source",
    type=click.Choice(["mic", "system", "both"]),
    default="both",
    show_default=True,
    help="What to test.",
)
@click.option("--device", default="", metavar="NAME", help="Device, if not the default.")
@click.option("--play/--no-play", default=True, show_default=True, help="Play what was recorded.")
def soundcheck(*, source: str, device: str, play: bool) -> None:
    """Test your sound: record three seconds of each source, and play them back.

    Speak meanwhile, and let something play. Exits with 1 if a source is not fine.
    """
    from app.capture.factory import open_source_for
    from app.capture.soundcheck import CHECK_S, SoundVerdict, check_sound

    if source == "both" and device:
        raise click.UsageError("--device needs --source mic or --source system")
    prepare_process()
    names = ("mic", "system") if source == "both" else (source,)
    click.echo(f"Recording for {CHECK_S:g} seconds: please speak.", err=True)
    reports = check_sound([open_source_for(name, device) for name in names])
    for report in reports:
        click.echo(_line(report))
        if play:
            _replay(report)
    quiet_system = [r for r in reports if r.source == "system" and r.verdict == "silent"]
    good = [r for r in reports if r.verdict is SoundVerdict.FINE]
    sys.exit(0 if len(good) + len(quiet_system) == len(reports) else 1)


def _line(report: SoundReport) -> str:
    if report.verdict == "failed":
        return f"{report.source}: {report.error}." + (f" {report.hint}" if report.hint else "")
    said = _SENTENCES[report.verdict]
    if report.source == "system" and report.verdict == "silent":
        said = _NOTHING_PLAYED
    if report.samples is None:
        return f"{report.source}: {said}"
    levels = f"peak {report.peak:.0f} dB, mean {report.rms:.0f} dB"
    return f"{report.source}: {said} ({levels}, {report.seconds:.1f} s)"


def _replay(report: SoundReport) -> None:
    """Play what was heard; that there is no output is no fault of the source."""
    from app.capture.playback import play

    if report.samples is None or not report.samples.any():
        return
    click.echo(f"Playing what came from {report.source}.", err=True)
    try:
        play(report.samples, report.rate)
    except CaptureError as exc:
        click.echo(f"It cannot be played back: {exc}. {exc.hint}", err=True)
