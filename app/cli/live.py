"""`captionist live`: captions on the terminal, or as JSON for other programs."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.decoding import Wishes, decoding_options, steady, with_settings
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
from app.cli.speakers import NamedPrinter, TurnsPrinter, final_pass, speaker_options
from app.cli.translating import translation_options
from app.cli.wording import Words, wording_options
from app.platforms.process import prepare_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from app.cli.printing import Printer
    from app.core.audio import AudioBlock
    from app.core.events import Event, TurnsFound
    from app.core.paths import Paths
    from app.diarization import SpeakerWish
    from app.meeting import MeetingRequest, Recognition
    from app.pipeline.protocol import Stage
    from app.session.session import Session
    from app.speech.transcribe.whisper import Whisper
    from app.translate.stage import Told
    from app.translation import TranslationWish
    from app.vocabulary.corrections import Corrections


@click.command()
@click.argument("source")
@recognition_options
@device_options
@click.option(
    "--pace",
    type=click.Choice(["realtime", "fast"]),
    default="realtime",
    show_default=True,
    help="fast: a file as quickly as it can be processed, on a virtual clock.",
)
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line.")
@click.option("--save", is_flag=True, help="Keep the meeting as well.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["rttm"]),
    help="Instead of captions, print at the end who spoke when (with --diarize).",
)
@speaker_options
@decoding_options
@wording_options
@translation_options
def live(
    *,
    source: str,
    model: str | None,
    language: str | None,
    device: str,
    system_device: str,
    pace: str,
    jsonl: bool,
    save: bool,
    format_name: str | None,
    speakers: SpeakerWish,
    wishes: Wishes,
    words: Words,
    translation: TranslationWish | None,
) -> None:
    """Caption SOURCE: "mic", "system", "mic+system" or a media file."""
    check_devices(source, system_device)
    if pace == "fast" and source in DEVICE_SOURCES:
        raise click.UsageError("--pace fast needs a file: a device cannot be hurried.")
    if format_name and not speakers.engine:
        raise click.UsageError("--format rttm needs --diarize.")
    if format_name and model is None:
        model = ""  # who said it is asked for, not what
    prepare_process()
    from app.core.paths import default_paths
    from app.meeting import MeetingRequest
    from app.translation import check_wish

    title = Path(source).stem if source not in DEVICE_SOURCES else ""
    request = MeetingRequest(
        source=source,
        device=device,
        model=chosen_model(model),
        language=chosen_language(language),
        title=title,
        save=save,
        policy=wishes.policy,
        translate=words.translate,
        vocabulary=words.vocabulary,
        decoding=steady(wishes.decoding) if pace == "fast" else with_settings(wishes.decoding),
        speakers=speakers,
        translation=translation,
        system_device=system_device,
        own_voice=settings().speakers.own_voice,
    )
    if translation is not None:
        check_wish(translation, request.spoken, default_paths())
    printer = _printer(request, jsonl=jsonl, rttm=format_name is not None)
    run = _run_fast if pace == "fast" else _run_in_real_time
    sys.exit(run(request, default_paths(), printer))


def _printer(request: MeetingRequest, *, jsonl: bool, rttm: bool) -> Printer:
    from app.cli.printing import JsonPrinter, LinePrinter

    if rttm:
        return TurnsPrinter(Path(request.source).stem)
    if jsonl:
        return JsonPrinter()
    return NamedPrinter(LinePrinter()) if request.speakers.engine else LinePrinter()


def _locate_models(request: MeetingRequest, paths: Paths) -> None:
    """Raises ModelMissingError before anything is heard."""
    from app.diarization import locate_engine
    from app.modelstore.store import ModelStore

    if request.model or not request.speakers.engine:
        ModelStore(paths.models).locate(request.model)
    if request.speakers.engine:
        locate_engine(request.speakers, paths)


def _run_in_real_time(request: MeetingRequest, paths: Paths, printer: Printer) -> int:
    from app.cli.running import MeetingRun

    _locate_models(request, paths)
    run = MeetingRun(request, paths, printer)
    run.run()
    if request.save and request.speakers.engine and settings().speakers.final_pass:
        final_pass(run.meeting.session.id, request.speakers, paths)
    if request.save:
        shrink(run.meeting.session.id, paths)
    run.leave()


def _run_fast(request: MeetingRequest, paths: Paths, printer: Printer) -> int:
    from app.capture.media import MediaFile
    from app.cli.printing import Troubles, told
    from app.cli.running import measured
    from app.core.events import StageChanged
    from app.fastpace import BLOCK_SECONDS, FastPace
    from app.platforms.usage import cpu_seconds
    from app.vocabulary.wording import load_wording

    wording = load_wording(paths, request.vocabulary)
    _locate_models(request, paths)
    started = time.monotonic()
    failed: list[str] = []
    troubles = Troubles(failed.append)
    with MediaFile(request.source) as media, _Keeper(request, paths) as keeper:
        media.open()

        def emit(event: Event, emitted: float) -> None:
            corrected = wording.corrections.apply(event)
            keeper.record(corrected)
            printer.show(corrected, emitted)
            if isinstance(event, StageChanged):
                troubles.note(event)

        model, recognition = _recognition(request, paths, wording.terms)
        translation = _translation(request, paths, model, wording.corrections)
        pace = FastPace(recognition, emit, cpu_seconds, _voices(request, paths), translation)
        pace.run(keeper.recorded(media.blocks(BLOCK_SECONDS)))
        for event in keeper.caught_up(model, wording.terms) if model is not None else ():
            emit(event, pace.audio_seconds)
        keeper.finish(pace.audio_seconds)
        printer.end(measured(pace.audio_seconds, time.monotonic() - started))
        if media.damage:
            click.echo(told(str(media.damage), media.damage.hint), err=True)
    if keeper.meeting and request.speakers.engine and settings().speakers.final_pass:
        final_pass(keeper.meeting, request.speakers, paths)
    if keeper.meeting:
        shrink(keeper.meeting, paths)
    return 1 if media.damage or failed else 0


def _translation(
    request: MeetingRequest,
    paths: Paths,
    model: Callable[[], Whisper] | None,
    corrections: Corrections,
) -> Stage[Told, Event] | None:
    from app.pipeline.chain import Chain
    from app.translation import Corrected, translate_stage

    if request.translation is None or model is None:
        return None
    stage = translate_stage(request.translation, request.spoken, paths, model)
    return Chain(Corrected(corrections), stage)


def _recognition(
    request: MeetingRequest, paths: Paths, terms: tuple[str, ...]
) -> tuple[Callable[[], Whisper] | None, Recognition]:
    from app.intake import Nowhere
    from app.meeting import Recognition, model_for, recognition_for

    if not request.model:
        return None, Recognition(Nowhere(), Nowhere())
    model = model_for(request, paths)
    return model, recognition_for(request, model, terms)


def _voices(request: MeetingRequest, paths: Paths) -> Stage[AudioBlock, TurnsFound] | None:
    from app.diarization import diarize_stage

    return diarize_stage(request.speakers, paths) if request.speakers.engine else None


class _Keeper:
    """Saves a fast run as a meeting if that was asked for."""

    def __init__(self, request: MeetingRequest, paths: Paths) -> None:
        self._request = request
        self._paths = paths
        self._session: Session | None = None

    @property
    def meeting(self) -> str:
        """The saved meeting's ID; "" if it is not saved."""
        return self._session.id if self._session is not None else ""

    def __enter__(self) -> _Keeper:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._session is not None:
            self._session.close()

    def recorded(self, blocks: Iterable[AudioBlock]) -> Iterator[AudioBlock]:
        """`blocks`, each of them recorded before it is passed on."""
        from app.meeting import new_meeting
        from app.session.recorder import RecorderStage

        if not self._request.save:
            yield from blocks
            return
        self._session = new_meeting(self._request, self._paths)
        recorder = RecorderStage(self._session.audio_folder, self._request.title)
        recorder.open()
        try:
            for block in blocks:
                list(recorder.feed([block]))
                yield block
            list(recorder.flush())
        finally:
            recorder.close()

    def record(self, event: Event) -> None:
        if self._session is not None:
            self._session.record(event)

    def caught_up(self, model: Callable[[], Whisper], terms: tuple[str, ...]) -> Iterator[Event]:
        """What live recognition skipped because it was too slow, from the recording."""
        from app.core.events import RecognitionSkipped
        from app.meeting import catch_up_for

        if self._session is None:
            return
        stage = catch_up_for(self._request, self._session, model, terms)
        gaps = self._session.transcript.gaps
        yield from stage.feed([gap for gap in gaps if isinstance(gap, RecognitionSkipped)])
        yield from stage.flush()

    def finish(self, seconds: float) -> None:
        if self._session is not None:
            self._session.finish(seconds)
            click.echo(f"Saved as meeting {self._session.id}.", err=True)
