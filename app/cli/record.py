"""`captionist record`: a saved meeting without a window."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.decoding import Wishes, decoding_options, with_settings
from app.cli.options import (
    DEVICE_SOURCES,
    chosen_language,
    chosen_model,
    recognition_options,
    settings,
)
from app.cli.speakers import NamedPrinter, final_pass, speaker_options
from app.cli.translating import translation_options
from app.cli.wording import Words, wording_options
from app.core.paths import default_paths
from app.platforms.process import prepare_process

if TYPE_CHECKING:
    from app.diarization import SpeakerWish
    from app.translation import TranslationWish


@click.command()
@click.option(
    "--source", default="mic", show_default=True, metavar="mic|system|FILE", help="What to record."
)
@click.option("--device", default="", metavar="NAME", help="Device, if not the default.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so long.")
@recognition_options
@click.option("--title", help="What the meeting is called.")
@speaker_options
@decoding_options
@wording_options
@translation_options
def record(
    *,
    source: str,
    device: str,
    seconds: float | None,
    model: str | None,
    language: str | None,
    title: str | None,
    speakers: SpeakerWish,
    wishes: Wishes,
    words: Words,
    translation: TranslationWish | None,
) -> None:
    """Record and caption a meeting until Ctrl+C; a FILE is played in at real time."""
    prepare_process()
    if speakers.engine:
        from app.diarization import locate_engine

        locate_engine(speakers, default_paths())
    from app.cli.printing import LinePrinter
    from app.cli.running import MeetingRun
    from app.live import MeetingRequest

    name = Path(source).stem if source not in DEVICE_SOURCES else ""
    request = MeetingRequest(
        source=source,
        device=device,
        model=chosen_model(model),
        language=chosen_language(language),
        title=name if title is None else title,
        policy=wishes.policy,
        decoding=with_settings(wishes.decoding),
        translate=words.translate,
        vocabulary=words.vocabulary,
        speakers=speakers,
        translation=translation,
    )
    printer = NamedPrinter(LinePrinter()) if speakers.engine else LinePrinter()
    run = MeetingRun(request, default_paths(), printer)
    run.run(seconds)
    click.echo(f"Saved as meeting {run.meeting.session.id}.", err=True)
    if speakers.engine and settings().speakers.final_pass:
        final_pass(run.meeting.session.id, speakers, default_paths())
    sys.exit(1 if run.troubled else 0)
