"""`captionist record`: a saved meeting without a window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.decoding import Wishes, decoding_options, with_settings
from app.cli.options import (
    DEVICE_SOURCES,
    check_devices,
    chosen_language,
    chosen_model,
    device_options,
    recognition_options,
    settings,
)
from app.cli.shrinking import shrink
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
    "--source", metavar="mic|system|mic+system|FILE", help="What to record, if not the mic."
)
@device_options
@click.option("--continue", "resume", metavar="ID", default="", help="Go on with a meeting.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so long.")
@recognition_options
@click.option("--title", help="What the meeting is called.")
@speaker_options
@decoding_options
@wording_options
@translation_options
def record(
    *,
    source: str | None,
    device: str,
    system_device: str,
    resume: str,
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
    source = source or _source_of(resume) or "mic"
    check_devices(source, system_device)
    if resume and title is not None:
        raise click.UsageError(
            "--title is for new meetings; 'captionist meetings rename' changes it."
        )
    if speakers.engine:
        from app.diarization import locate_engine

        locate_engine(speakers, default_paths())
    from app.cli.printing import LinePrinter
    from app.cli.running import MeetingRun
    from app.meeting import MeetingRequest

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
        system_device=system_device,
        own_voice=settings().speakers.own_voice,
        resume=resume,
    )
    printer = NamedPrinter(LinePrinter()) if speakers.engine else LinePrinter()
    run = MeetingRun(request, default_paths(), printer)
    run.run(seconds)
    meeting_id = run.meeting.session.id
    click.echo(f"Saved as meeting {meeting_id}.", err=True)
    if speakers.engine and settings().speakers.final_pass and not run.meeting.late:
        final_pass(meeting_id, speakers, default_paths())
    shrink(meeting_id, default_paths())
    run.leave()


def _source_of(resume: str) -> str:
    """What the meeting that is to go on was recorded from; "" if that was no device."""
    from app.session.store import SessionStore

    if not resume:
        return ""
    source = SessionStore(default_paths().meetings).read(resume).info.source
    return source if source in DEVICE_SOURCES else ""
