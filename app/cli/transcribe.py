"""`captionist transcribe`: the text of media files, with the quality that is stored."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import (
    chosen_language,
    chosen_model,
    recognition_options,
)
from app.cli.speakers import speaker_document, speaker_options, turns_of_file
from app.cli.translating import text_option, translation_options
from app.cli.wording import Words, wording_options
from app.platforms.process import prepare_process

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.capture.media import MediaFile
    from app.core.audio import AudioBlock
    from app.core.events import FinalCaption, LanguageDetected, SpeakerTurn
    from app.diarization import SpeakerWish
    from app.export.document import ExportDocument
    from app.pipeline.protocol import Stage
    from app.session.transcript import Transcript
    from app.translation import TranslationWish

FORMAT_NAMES = ("json", "srt", "vtt", "txt", "rttm")
_BLOCK_SECONDS = 0.1


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@recognition_options
@click.option("--format", "format_name", type=click.Choice(FORMAT_NAMES), help="Form of the text.")
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    help="Where to; a folder for several files. Else standard output.",
)
@speaker_options
@wording_options
@translation_options
@text_option
def transcribe(
    *,
    files: tuple[str, ...],
    model: str | None,
    language: str | None,
    format_name: str | None,
    output: Path | None,
    speakers: SpeakerWish,
    words: Words,
    translation: TranslationWish | None,
    text: str,
) -> None:
    """Write down what is said in each FILE; slower than live captions, and better."""
    if len(files) > 1 and output is not None and not output.is_dir():
        raise click.UsageError("With several files, -o must name an existing folder.")
    form = format_name or _format_of(output)
    _refuse_same_targets(files, output)
    if form == "rttm" and not speakers.engine:
        raise click.UsageError("The format rttm needs --diarize.")
    prepare_process()
    from app.cli.printing import told
    from app.core.errors import AppError
    from app.core.paths import default_paths
    from app.diarization import locate_engine
    from app.export.formats import FORMATS, write_export

    if speakers.engine:
        locate_engine(speakers, default_paths())
    work: Transcription | Attribution = (
        Attribution(speakers)  # who said it is asked for, not what
        if form == "rttm"
        else Transcription(
            chosen_model(model), chosen_language(language), words, speakers, translation
        )
    )
    failed = False
    for name in files:
        try:
            found = FORMATS[form].render(work.document(Path(name)).told_in(text))
            if output is None or str(output) == "-":
                click.echo(found, nl=False)
            else:
                write_export(_target(output, name, FORMATS[form].suffix), found)
            failed = failed or work.damaged
        except AppError as exc:  # the other files may be sound
            failed = True
            click.echo(told(str(exc), exc.hint), err=True)
    sys.exit(1 if failed else 0)


def _format_of(output: Path | None) -> str:
    suffix = output.suffix.lstrip(".").lower() if output else ""
    return suffix if suffix in FORMAT_NAMES else "txt"


def _refuse_same_targets(files: tuple[str, ...], output: Path | None) -> None:
    """One text must not silently replace another one."""
    if output is None or not output.is_dir():
        return
    stems = [Path(name).stem for name in files]
    for stem in stems:
        if stems.count(stem) > 1:
            raise click.UsageError(f"Several files would be written to the same {stem!r} in -o.")


def _target(output: Path, source: str, suffix: str) -> Path:
    return output / (Path(source).stem + suffix) if output.is_dir() else output


class Attribution:
    """Tells the speakers of files apart, without a word."""

    damaged = False

    def __init__(self, speakers: SpeakerWish) -> None:
        self._wish = speakers

    def document(self, path: Path) -> ExportDocument:
        """Who spoke when in the file. Raises MediaError, ModelError."""
        from app.core.paths import default_paths
        from app.session.transcript import Transcript

        transcript = Transcript()
        turns = turns_of_file(path, self._wish, default_paths())
        _attribute(transcript, turns)
        return speaker_document(path.stem, transcript.duration, transcript)


def _attribute(transcript: Transcript, turns: tuple[SpeakerTurn, ...]) -> None:
    from app.core.events import TurnsFound

    end = max((turn.end for turn in turns), default=0.0)
    transcript.apply(TurnsFound(0.0, end, turns, final=True))


class Transcription:
    """Transcribes files one after the other with one model."""

    def __init__(
        self,
        model: str,
        language: str,
        words: Words,
        speakers: SpeakerWish,
        translation: TranslationWish | None = None,
    ) -> None:
        """Raises PairMissingError if what is wished cannot be translated."""
        from app.core.paths import default_paths
        from app.modelstore.store import ModelStore
        from app.speech.transcribe.guidance import Guidance
        from app.speech.transcribe.loading import SharedModel
        from app.translation import check_wish, spoken_in
        from app.vocabulary.wording import load_wording

        self._paths = paths = default_paths()
        self._wish = speakers
        store = ModelStore(paths.models)
        self._wording = load_wording(paths, words.vocabulary)
        self._guidance = Guidance(words.translate, self._wording.terms)
        self._model = SharedModel(lambda: store.locate(model))
        self._language = language
        single = language != "auto" and "," not in language
        self._chosen = language if single and not words.translate else ""
        self._translation = translation
        self._spoken = spoken_in(language, model, english=words.translate)
        if translation is not None:
            check_wish(translation, replace(self._spoken, model=""), paths)
        self.damaged = False

    def document(self, path: Path) -> ExportDocument:
        """The file's text. Raises MediaError, ModelError. Damage is said, and set `damaged`."""
        from app.capture.media import MediaFile
        from app.cli.printing import told
        from app.export.document import ExportDocument
        from app.session.transcript import Transcript

        transcript = Transcript()
        with MediaFile(path) as media:
            media.open()
            for event in self._events(media):
                transcript.apply(self._wording.corrections.apply(event))
            self.damaged = media.damage is not None
            if media.damage:
                click.echo(told(str(media.damage), media.damage.hint), err=True)
        if self._wish.engine:
            _attribute(transcript, turns_of_file(path, self._wish, self._paths))
        if self._translation is not None:
            self._translate(transcript, self._translation)
        language = transcript.language or (self._chosen)
        return ExportDocument(
            *(path.stem, None, self._heard, language, tuple(transcript.lines)),
            speakers=tuple(transcript.speakers),
            turns=transcript.turns,
        )

    def _translate(self, transcript: Transcript, wish: TranslationWish) -> None:
        from app.translate.languages import from_whisper
        from app.translation import LineTranslation, glossary_for, whole_lines

        with LineTranslation(wish, self._paths, glossary_for(self._paths, wish.glossary)) as work:
            for line in whole_lines(transcript):
                for event in work.translate(line, from_whisper(line.language) or self._spoken.only):
                    transcript.apply(event)

    def _events(self, media: MediaFile) -> Iterator[FinalCaption | LanguageDetected]:
        stage = self._stage()
        stage.open()
        try:
            for block in self._counted(media):
                yield from stage.feed([block])
            yield from stage.flush()
        finally:
            stage.close()

    def _stage(self) -> Stage[AudioBlock, FinalCaption | LanguageDetected]:
        from app.capture.resample import SpeechResampler
        from app.pipeline.chain import Chain
        from app.speech.transcribe.whole import WholeStage
        from app.speech.vad.stage import VadStage

        whole = WholeStage(self._model, self._language, guidance=self._guidance)
        return Chain(SpeechResampler(), Chain(VadStage(), whole))

    def _counted(self, media: MediaFile) -> Iterable[AudioBlock]:
        """The blocks of `media`, with a bar on a terminal."""
        from rich.console import Console
        from rich.progress import Progress

        self._heard = 0.0
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(media.path.name, total=media.duration or None)
            for block in media.blocks(_BLOCK_SECONDS):
                self._heard = block.end
                bar.update(task, completed=block.end)
                yield block
