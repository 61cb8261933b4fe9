"""Translation on the command line: options, what is checked first, and rows below captions."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.options import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Translation
    from app.translation import TranslationWish

ENGINES = ("auto", "argos", "nllw", "whisper", "server")
"""Those of `app.translation`, known here so that `--help` need not import it."""


def translation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--translate`, `--translate-with` and `--glossary`; `command` gets `translation`.

    That is a TranslationWish, or None if nothing is to be translated.
    """

    @functools.wraps(command)
    def collected(
        *, translate: str | None, translate_with: str | None, glossary: Path | None, **values: Any
    ) -> Any:
        if translate is None and (translate_with or glossary):
            raise click.UsageError("--translate-with and --glossary need --translate.")
        wish = None if translate is None else wish_for(translate, translate_with, glossary)
        return command(translation=wish, **values)

    return click.option(
        "--translate",
        metavar="LANGUAGES",
        help="Translate captions into these languages as well, such as en,pt. "
        "(--task translate writes English only, instead of what is spoken.)",
    )(engine_option(glossary_option(collected)))


def engine_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--translate-with",
        type=click.Choice(ENGINES),
        help="Engine, if not the settings' own. server: the one in the settings gets the text.",
    )(command)


def glossary_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--glossary",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="How terms are translated, before 'captionist glossary': term, tab, translation.",
    )(command)


def text_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--text",
        default="",
        metavar="[source|LANGUAGE|both]",
        help="What to write: as spoken, a translation, or both. By default subtitles are as "
        "spoken, and plain text has the translations below; json has always all.",
    )(command)


def translate_meeting(meeting_id: str, wish: TranslationWish) -> None:
    """Translate a saved meeting, show and keep what is found. Raises AppError."""
    from app.cli.speakers import share_bar
    from app.core.paths import default_paths
    from app.session.store import SessionStore
    from app.translation import SavedTranslation

    paths = default_paths()
    with SessionStore(paths.meetings).open(meeting_id) as session:
        work = SavedTranslation(session, wish, paths)
        with share_bar("translating") as progress:
            found = work.run(progress)
    if not found:
        click.echo("Everything in this meeting is translated already.", err=True)
    for event in found:
        click.echo(f"{event.language}: {event.text}")


def wish_for(targets: str, engine: str | None, glossary: Path | None) -> TranslationWish:
    """Raises LanguageError for a language and StorageError for a file that cannot be read."""
    from dataclasses import replace

    from app.translate.glossary import Glossary
    from app.translation import load_glossary, targets_of, wish_of

    usual = settings().translation
    wish = wish_of(replace(usual, targets=""))
    own = Glossary() if glossary is None else load_glossary(glossary, must_exist=True)
    codes = targets_of(targets)
    if not codes:
        raise click.UsageError("--translate needs a language, such as en.")
    return replace(wish, targets=codes, engine=engine or usual.engine, glossary=own)


class TranslatedRows:
    """Final translations as rows below their captions, each once; not thread-safe."""

    def __init__(self) -> None:
        self._starts: dict[int, str] = {}  # utterance -> its time, as printed
        self._early: dict[int, list[Translation]] = {}
        self._done: set[tuple[int, str]] = set()
        self._last = -1

    def below(self, utterance: int, start: str) -> list[str]:
        """What is known already of a caption that has just been printed."""
        self._starts[utterance] = start
        self._last = utterance
        return [row for event in self._early.pop(utterance, []) for row in self.take(event)]

    def take(self, event: Translation) -> list[str]:
        """The rows to print now: below its caption, or with its time if others came between."""
        key = event.utterance, event.language
        if not (event.final and event.text) or key in self._done:
            return []
        if event.utterance not in self._starts:
            self._early.setdefault(event.utterance, []).append(event)
            return []
        self._done.add(key)
        start = self._starts[event.utterance]
        head = " " * len(start) if event.utterance == self._last else start
        return [f"{head}   {event.language}: {event.text}"]
