"""`captionist --self-test`: does this installation work? A line for each check."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import click

from app.core.errors import AppError, ModelMissingError
from app.core.events import FinalCaption
from app.core.paths import default_paths
from app.core.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event

STARTER_MODELS = ("tiny.en", "base")
SHARE_NEEDED = 0.7
"""The share of the clip's words that must be heard."""


class SelfTestError(AppError):
    """A part of the program does not do what it should."""

    default_hint = "Install the program again, or report this with the output of --verbose."


def run(open_window: Callable[[], object]) -> int:
    """Check the parts one after the other; 0 if all work, 1 after the first that does not.

    `open_window` opens and closes the main window; it raises AppError or RuntimeError.
    """
    try:
        model = _starter_model()
        click.echo(f"model     {model}")
        click.echo(f"captions  {_captions(model):.0%} of the words of the clip")
        _check_translation()
        _try(open_window)
        click.echo("window    opened and closed")
    except AppError as exc:
        click.echo(f"captionist: {exc}.\n  {exc.hint}", err=True)
        return 1
    click.echo("Everything works.")
    return 0


def _starter_model() -> str:
    from app.modelstore.store import ModelStore

    store = ModelStore(default_paths().models)
    complete = {model.name for model in store.installed() if model.complete}
    for name in STARTER_MODELS:
        if name in complete:
            return name
    raise ModelMissingError(
        "No starter model is installed", hint=f"Run 'captionist models pull {STARTER_MODELS[0]}'."
    )


def _captions(model: str) -> float:
    """Caption the bundled clip; the share of its words heard, or SelfTestError if too few."""
    heard = _heard(model)
    share = share_heard(resource("selftest.txt").read_text(encoding="utf-8"), heard)
    if share < SHARE_NEEDED:
        raise SelfTestError(f"Only {share:.0%} of the words of the clip were heard: {heard!r}")
    return share


def _heard(model: str) -> str:
    from app.capture.media import MediaFile
    from app.fastpace import BLOCK_SECONDS, FastPace
    from app.meeting import MeetingRequest, model_for, recognition_for
    from app.speech.transcribe.decoding import BALANCED

    lines: dict[int, str] = {}

    def keep(event: Event, _emitted: float) -> None:
        if isinstance(event, FinalCaption):
            lines[event.utterance] = event.text

    clip = str(resource("selftest.flac"))
    request = MeetingRequest(clip, model=model, language="en", decoding=BALANCED)
    with MediaFile(request.source) as media:
        media.open()
        pace = FastPace(recognition_for(request, model_for(request, default_paths())), keep)
        pace.run(media.blocks(BLOCK_SECONDS))
    return " ".join(text.strip() for _utterance, text in sorted(lines.items()))


def _check_translation() -> None:
    """Raises SelfTestError unless what cuts texts into pieces was installed with the program."""
    try:
        from sentencepiece import SentencePieceProcessor

        SentencePieceProcessor()
    except (ImportError, OSError) as exc:
        raise SelfTestError(f"Texts cannot be translated: {exc}") from exc


def _try(open_window: Callable[[], object]) -> None:
    try:
        open_window()
    except RuntimeError as exc:
        raise SelfTestError(str(exc)) from exc


def share_heard(spoken: str, heard: str) -> float:
    """The share of the words of `spoken` that `heard` has, in their order (0 to 1)."""
    expected, found = _bare(spoken), _bare(heard)
    blocks = SequenceMatcher(None, expected, found, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(expected)


def _bare(text: str) -> list[str]:
    return [word.strip(".,!?").lower() for word in text.split()]
