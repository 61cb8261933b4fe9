"""Which engine translates captions, and how: from what a user wishes to a stage."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import PairMissingError, StorageError, TranslationError
from app.core.events import FinalCaption, Translation
from app.core.languages import languages_of
from app.modelstore.store import ModelStore
from app.translate.glossary import Glossary, parse, row
from app.translate.languages import base_of, english_name, from_whisper, languages, same_language
from app.translate.languages import parse_target as parse_target
from app.translate.pairs import PairWork
from app.translate.stage import TranslateStage
from app.translate.whisper import WhisperEngine
from app.vocabulary.files import read_list, write_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from app.core.audio import AudioChunk
    from app.core.paths import Paths
    from app.core.settings import TranslationSettings
    from app.session.line import Line
    from app.session.session import Session
    from app.session.transcript import Transcript
    from app.speech.transcribe.whisper import Whisper
    from app.translate.protocol import TranslationEngine
    from app.translate.stage import Told
    from app.vocabulary.corrections import Corrections

logger = logging.getLogger(__name__)

ENGINES = ("auto", "argos", "nllw", "whisper", "server")
"""auto: what is installed for the pair, packages first; else recognition itself, into English."""

GLOSSARY = "glossary.tsv"
"""What a meeting's own glossary is called in its folder."""


@dataclass(frozen=True, slots=True)
class ServerWish:
    """A server with OpenAI's interface; text leaves the program. `key` is a variable's name."""

    url: str = ""
    model: str = ""
    key: str = ""
    timeout: float = 10.0


_NO_GLOSSARY = Glossary()
_NO_SERVER = ServerWish()


@dataclass(frozen=True, slots=True)
class TranslationWish:
    """What to translate captions into, as BCP-47 codes, and with which of `ENGINES`.

    Without targets nothing is translated before the user says so in the running meeting.
    `glossary` is the meeting's own, which goes before the user's general one.
    """

    targets: tuple[str, ...] = ()
    engine: str = "auto"
    glossary: Glossary = _NO_GLOSSARY
    server: ServerWish = _NO_SERVER


@dataclass(frozen=True, slots=True)
class Spoken:
    """What captions are written in: codes of Whisper's, none if that is to be found out.

    `model` recognises them; "" if none does.
    """

    languages: tuple[str, ...] = ()
    model: str = ""

    @property
    def only(self) -> str:
        """The language, if it can be no other; else ""."""
        return from_whisper(self.languages[0]) if len(self.languages) == 1 else ""


def wish_of(settings: TranslationSettings) -> TranslationWish:
    """What the settings say. Raises LanguageError for a target that is not known."""
    server = ServerWish(
        settings.server_url, settings.server_model, settings.server_key, settings.server_timeout
    )
    return TranslationWish(targets_of(settings.targets), settings.engine, server=server)


def targets_of(text: str) -> tuple[str, ...]:
    """The codes in "en, Portuguese"; raises LanguageError for one that is not known."""
    codes = (parse_target(part) for part in text.split(",") if part.strip())
    return tuple(dict.fromkeys(codes))


def spoken_in(language: str, model: str, *, english: bool = False) -> Spoken:
    """What `language` ("ko", "ko,en", "auto") leaves open; `english` is written of any speech."""
    if english or model.endswith(".en"):
        return Spoken(("en",), model)
    return Spoken(languages_of(language), model)


def check_wish(wish: TranslationWish, spoken: Spoken, paths: Paths) -> None:
    """Raises PairMissingError, with what to do, if something cannot be translated as wished.

    Nothing is loaded and nothing is asked of a server.
    """
    if not wish.targets:
        return
    if wish.engine == "whisper" and not spoken.model:
        raise _not_heard()
    hears = wish.engine in ("auto", "whisper") and is_multilingual(spoken.model, paths)
    if wish.engine == "whisper" and not hears:
        raise PairMissingError(
            f"The model {spoken.model} understands English only, or is missing, "
            "and cannot translate",
            hint="Choose a multilingual model such as base, or another engine of translation.",
        )
    engine = engine_for(wish, paths)
    try:
        for target in wish.targets:
            problem = _missing(engine, spoken, target)
            if problem and not (hears and base_of(target) == WhisperEngine.target):
                raise problem
    finally:
        engine.close()


def is_multilingual(model: str, paths: Paths) -> bool:
    """Whether a model of recognition knows more than English; False if it is not there."""
    found = ModelStore(paths.models).installed() if model else []
    return any(each.name == model and each.multilingual for each in found)


def _missing(engine: TranslationEngine, spoken: Spoken, target: str) -> TranslationError | None:
    """Why not all that may be spoken can be translated; of "auto" something must be."""
    open_ = [language.code for language in languages()]
    sources = [from_whisper(code) for code in spoken.languages] or open_
    others = [source for source in sources if not same_language(source, target)]
    problems = [_problem(engine, source, target) for source in others]
    if spoken.languages:
        return next((problem for problem in problems if problem), None)
    if None in problems:
        return None
    return PairMissingError(
        f"Nothing that is installed translates into {english_name(target)}",
        hint="Say which language is spoken, to be told which model to pull.",
    )


def _problem(engine: TranslationEngine, source: str, target: str) -> TranslationError | None:
    try:
        engine.check(source, target)
    except TranslationError as exc:
        return exc
    return None


def engine_for(
    wish: TranslationWish, paths: Paths, load: Callable[[], Whisper] | None = None
) -> TranslationEngine:
    """The engine; it loads nothing before a pair is needed. `load` gives the recognition model."""
    if wish.engine == "whisper":
        return hearing_engine(load or _nothing_heard)
    from app.translate.installed import engine_named
    from app.translate.server import access_of

    store, server = ModelStore(paths.models), wish.server
    access = None
    if wish.engine == "server":
        access = access_of(server.url, server.model, server.key, server.timeout)
    return engine_named(wish.engine, store, access)


def _nothing_heard() -> Whisper:
    raise _not_heard()


def _not_heard() -> PairMissingError:
    return PairMissingError(
        "Whisper translates while it hears live, not finished text",
        hint="Choose another engine; '--task translate' writes English instead of what is spoken.",
    )


def translate_stage(
    wish: TranslationWish,
    spoken: Spoken,
    paths: Paths,
    load: Callable[[], Whisper] | None = None,
    glossary: Glossary | None = None,
) -> TranslateStage:
    """The stage that takes captions; nothing is loaded before it is opened.

    `load` gives the recognition model, which with "auto" translates what nothing else can.
    """
    hearing = None
    if load is not None and wish.engine == "auto" and is_multilingual(spoken.model, paths):
        hearing = hearing_engine(load)
    return TranslateStage(
        lambda: engine_for(wish, paths, load),
        wish.targets,
        spoken.only,
        glossary_for(paths, wish.glossary) if glossary is None else glossary,
        hearing,
    )


def hearing_engine(load: Callable[[], Whisper]) -> WhisperEngine:
    """The recognition model as an engine; `load` is called when it is first needed.

    A model that knows only English is refused then, with a LanguageError.
    """
    from app.speech.transcribe.offline import WindowDecoder
    from app.speech.transcribe.options import RevisionOptions
    from app.speech.transcribe.whisper import DecodingTask

    decoders: list[WindowDecoder] = []

    def decode(audio: AudioChunk, language: str) -> str:
        if not decoders:
            model = load()
            model.check_task(translate=True)
            decoders.append(WindowDecoder(model, RevisionOptions()))
        found = decoders[0].decode(audio, DecodingTask(language, translate=True))
        return "".join(word.text for word in found.words) if found else ""

    return WhisperEngine(decode)


def glossary_for(paths: Paths, own: Glossary | None = None) -> Glossary:
    """The meeting's `own` glossary before the user's general one.

    Never raises: a list that cannot be read must not keep a meeting from being recorded.
    """
    try:
        general = load_glossary(paths.glossary)
    except StorageError as exc:
        logger.warning("%s; the meeting goes without it", exc)
        general = Glossary()
    return (own or Glossary()).then(general)


def meeting_glossary(paths: Paths, folder: Path) -> Glossary:
    """The glossary of the saved meeting in `folder`, its own entries first. Never raises."""
    try:
        own = load_glossary(folder / GLOSSARY)
    except StorageError as exc:
        logger.warning("%s; the meeting's own entries are left out", exc)
        own = Glossary()
    return glossary_for(paths, own)


def load_glossary(path: Path, *, must_exist: bool = False) -> Glossary:
    """The table in `path`; empty if it need not exist and does not. Raises StorageError."""
    return parse(read_list(path, must_exist=must_exist))


def keep_glossary(folder: Path, own: Glossary) -> None:
    """Write a meeting's own glossary into its folder. Raises StorageError."""
    if own.entries:
        write_list(folder / GLOSSARY, "".join(map(row, own.entries)))


class Corrected:
    """Passes what was told on as it is kept: with the user's corrections. A stage."""

    name = "translate"

    def __init__(self, corrections: Corrections) -> None:
        self._corrections = corrections

    def open(self) -> None:
        """Nothing is needed."""

    def feed(self, items: Sequence[Told], /) -> Iterator[Told]:
        for item in items:
            yield self._corrections.apply(item) if isinstance(item, FinalCaption) else item  # type: ignore[misc]

    def flush(self) -> Sequence[Told]:
        return ()

    def close(self) -> None:
        """Nothing was held."""


class LineTranslation:
    """Translates finished lines as text. Use it as a context manager; it opens what it needs."""

    def __init__(self, wish: TranslationWish, paths: Paths, glossary: Glossary) -> None:
        self._wish, self._paths, self._glossary = wish, paths, glossary
        self._works: dict[tuple[str, str], PairWork] = {}

    def __enter__(self) -> LineTranslation:
        """Raises TranslationError."""
        self._engine = engine_for(self._wish, self._paths)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._works.clear()
        self._engine.close()

    def translate(self, line: Line, source: str) -> Iterator[Translation]:
        """Into each language that it has no final translation in. `source` may be unknown ("").

        Raises TranslationError.
        """
        for target in self._wish.targets:
            before = line.translation(target)
            done = before is not None and before.final
            if not done and source and not same_language(source, target):
                text = self._work(source, target).finish(line.utterance, line.text)
                yield Translation(line.utterance, target, text, final=True)

    def _work(self, source: str, target: str) -> PairWork:
        key = source, target
        if key not in self._works:
            self._works[key] = PairWork(self._engine, source, target, self._glossary)
        return self._works[key]


class SavedTranslation:
    """Translates the lines of a saved meeting. What people wrote, and what is there, stays."""

    def __init__(self, session: Session, wish: TranslationWish, paths: Paths) -> None:
        """Raises PairMissingError if some line could not be translated."""
        self._session = session
        self._lines = whole_lines(session.transcript)
        heard = {self._language(line) for line in self._lines} - {""}
        check_wish(wish, Spoken(tuple(sorted(heard))), paths)
        glossary = wish.glossary.then(meeting_glossary(paths, session.folder))
        self._translation = LineTranslation(wish, paths, glossary)

    def run(
        self,
        progress: Callable[[float], object] = lambda _share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[Translation]:
        """What was found and is kept now; `progress` gets shares of 1.

        Raises TranslationError, StorageError; what was done by then is kept.
        """
        found: list[Translation] = []
        with self._translation as work:
            for number, line in enumerate(self._lines):
                if cancelled():
                    break
                for event in work.translate(line, self._language(line)):
                    self._session.record(event)
                    found.append(event)
                progress((number + 1) / len(self._lines))
        return found

    def _language(self, line: Line) -> str:
        """What a line is written in; "" if nobody knows."""
        info = self._session.info
        usual = spoken_in(info.language, info.model, english=info.translated).only
        return from_whisper(line.language) or usual


def whole_lines(transcript: Transcript) -> list[Line]:
    """A line for each utterance, however many speakers it has."""
    utterances = dict.fromkeys(line.utterance for line in transcript.lines)
    return [line for each in utterances if (line := transcript.line(each)) is not None]
