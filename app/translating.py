"""Translation of a meeting that goes on: what waits for it, and what is shown of it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.errors import PairMissingError
from app.pipeline.channel import Channel
from app.translate.stage import Told, TranslateStage, TranslationInbox, UpdatePace
from app.translation import check_wish, glossary_for, translate_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event
    from app.core.paths import Paths
    from app.meeting import MeetingRequest
    from app.pipeline.pipeline import Pipeline
    from app.speech.transcribe.loading import SharedModel
    from app.speech.transcribe.utterance import HeardUtterance

_BACKLOG = 256  # words and utterances that may wait for being translated


class Translating:
    """Translates what it takes, behind all stages that make captions and in nobody's way.

    `keep` gets translations in the stage's thread, those that grow no faster than they are read.
    """

    def __init__(
        self, request: MeetingRequest, paths: Paths, keep: Callable[[Event], object]
    ) -> None:
        self._request = request
        self._paths = paths
        self._keep = keep
        self._captions: Channel[Told] = Channel(_BACKLOG)
        self._inbox = TranslationInbox(self._captions)
        self._stage: TranslateStage | None = None
        self._pace = UpdatePace()

    def check(self) -> None:
        """Raises PairMissingError if what is wished cannot be translated."""
        if self._request.model and self._request.translation is not None:
            check_wish(self._request.translation, self._request.spoken, self._paths)

    def add_to(self, pipeline: Pipeline, model: SharedModel) -> None:
        """The stage, if translation is wished, now or later."""
        wish, spoken = self._request.translation, self._request.spoken
        if wish is not None:
            glossary = glossary_for(self._paths, wish.glossary)
            self._stage = translate_stage(wish, spoken, self._paths, model, glossary)
            pipeline.add(self._stage, self._captions, self._after_stage)

    def translate_to(self, targets: tuple[str, ...]) -> None:
        """Into other languages from now on, or into none.

        Raises PairMissingError if that cannot be done; nothing changes then.
        """
        wish = self._request.translation
        if wish is None or self._stage is None:
            raise PairMissingError("This meeting was started without translation")
        check_wish(replace(wish, targets=targets), self._request.spoken, self._paths)
        self._stage.translate_to(targets)

    def take(self, event: Event) -> None:
        """From any thread; words from one only."""
        if self._stage is not None:
            self._inbox.take(event)

    def hear(self, utterance: HeardUtterance) -> None:
        """The sound of an utterance, for what translates out of that."""
        if self._stage is not None and self._stage.hears:
            self._inbox.hear(utterance)

    def _after_stage(self, event: Event) -> None:
        if self._pace.lets_through(event, time.monotonic()):
            self._keep(event)
