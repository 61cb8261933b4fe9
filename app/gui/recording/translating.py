"""The user's choice of languages to translate into: asked for, checked, followed in a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.errors import AppError
from app.core.events import StageChanged, StageState
from app.gui import fonts, languages
from app.gui.dialogs.targets import TargetsDialog, download_text, sentence_of
from app.gui.leaving import leaving_to
from app.gui.messages import Button, Kind, Message
from app.gui.obstacles import ObstacleWatch
from app.gui.recording.state import RecordingState
from app.gui.rows import TranslationPlan
from app.translate.stage import failed_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.events import Event
    from app.core.settings import Settings
    from app.gui.desktop import Desktop
    from app.gui.rows import ModelRow, Obstacle
    from app.gui.services import Services

KEY = "translation"


class Translating(QObject):
    """Keeps the button of the top bar, the sign that text leaves, and the meeting in step.

    What cannot be translated is said before a meeting, with what to download. `fetch` asks for a
    download.
    """

    def __init__(
        self, desktop: Desktop, services: Services, fetch: Callable[[ModelRow], object]
    ) -> None:
        super().__init__(desktop)
        self._services = services
        self._background = desktop.background
        self._preferences = desktop.preferences
        self._messages = desktop.messages
        self._recorder = desktop.recorder
        self._window = desktop.window
        self._fetch = fetch
        self._checked: TranslationPlan | None = None
        self._watch: ObstacleWatch | None = None
        self._lacking = False
        self._failures: set[str] = set()
        self._connect()
        self._show(self._preferences.settings)

    def _connect(self) -> None:
        self._window.bar.translate.clicked.connect(self.ask)
        self._window.bar.languages.chosen.connect(lambda _code: self.check())
        self._window.bar.models.chosen.connect(lambda _name: self.check())
        self._window.bar.tasks.chosen.connect(lambda _task: self.check())
        self._window.leaving.stop_asked.connect(lambda: self.use((), ""))
        self._preferences.changed.connect(self._show)
        self._recorder.state_changed.connect(self._on_state)
        self._recorder.event_received.connect(self._on_event)

    # The choice

    def ask(self) -> None:
        """Let the user choose, also while a meeting is being recorded."""
        settings = self._preferences.settings.translation
        self._show(self._preferences.settings)  # a click has toggled the button
        live = self._recorder.state is not RecordingState.IDLE
        dialog = TargetsDialog(self._window, settings, self.offered, live=live)
        dialog.chosen.connect(self.use)
        dialog.download_asked.connect(self._fetch)
        dialog.finished.connect(self._forget_watch)
        self._watch = ObstacleWatch(
            dialog, self._services.translators, self._background, self._plan
        )
        dialog.open()

    def _forget_watch(self) -> None:
        self._watch = None

    def offered(self, engine: str) -> list[str]:
        """The common languages first, then by their names."""
        known = self._services.translators.languages(engine)
        common = [code for code in languages.COMMON if code in known]
        others = sorted((c for c in known if c not in common), key=fonts.search_name)
        return [*common, *others]

    def use(self, targets: tuple[str, ...], engine: str) -> None:
        """Translate into `targets` from now on; "" keeps the engine."""
        live = self._recorder.live
        try:
            if live is not None:
                live.translate_to(targets)
        except AppError as exc:
            self._messages.show_error(exc, key=KEY)
            return
        before = self._preferences.settings.translation
        self._preferences.change(
            "translation", targets=",".join(targets), engine=engine or before.engine
        )
        self.check(asked=True)

    def _show(self, settings: Settings) -> None:
        self._window.bar.show_targets(settings.translation.languages)
        self._show_leaving()
        chosen = settings.translation
        plan = self._plan(chosen.languages, chosen.engine)
        if self._checked not in (None, plan):
            self.check()

    def _show_leaving(self) -> None:
        recording = self._recorder.state is not RecordingState.IDLE
        where = leaving_to(self._preferences.settings.translation)
        self._window.leaving.show_leaving(where if recording else "")

    # What is in the way

    def _plan(self, targets: Sequence[str], engine: str) -> TranslationPlan:
        spoken = self._window.bar.languages.language
        sources = () if spoken == "auto" else tuple(spoken.split(","))
        if self._window.bar.tasks.translate:
            sources = ("en",)
        return TranslationPlan(
            sources, tuple(targets), engine, self._window.bar.models.chosen_model
        )

    def check(self, *, asked: bool = False) -> None:
        """Say now what the next meeting will not have, and take back what is no longer true.

        `asked`: the user has just chosen, so it is said in a running meeting as well.
        """
        settings = self._preferences.settings.translation
        plan = self._plan(settings.languages, settings.engine)
        if self._watch is not None:
            self._watch.look()
        if self._recorder.state is not RecordingState.IDLE and not asked:
            self._try_again()
            return
        if self._checked != plan:
            self._messages.dismiss(KEY)  # it was about another choice
        self._checked = plan
        if not plan.targets or not plan.model:
            self._messages.dismiss(KEY)
            return

        def show(found: list[Obstacle]) -> None:
            if self._checked == plan:
                self._say(found)

        translators = self._services.translators
        job = self._background.job("check pairs", lambda _job: translators.obstacles(plan))
        job.on_success(show).start()

    def _try_again(self) -> None:
        """Something was installed during a meeting that lacked it: it is used from now on."""
        live, targets = self._recorder.live, self._preferences.settings.translation.languages
        if live is None or not self._lacking:
            return
        try:
            live.translate_to(targets)
        except AppError as exc:
            self._messages.show_error(exc, key=KEY)
            return
        self.check(asked=True)

    def _say(self, found: Sequence[Obstacle]) -> None:
        self._lacking = bool(found)
        if not found:
            self._messages.dismiss(KEY)
            return
        first = found[0]
        more = self.tr("Captions appear without it.")
        if len(found) > 1:
            names = ", ".join(fonts.native_name(other.target) for other in found[1:])
            more = self.tr("Nor can it be done into {names}.").format(names=names)
        button = None
        if first.missing:
            model = first.missing[0]
            button = Button(download_text(model), lambda: self._fetch(model))
        self._messages.show(Message(sentence_of(first), more, Kind.WARNING, KEY, button))

    # The meeting

    def _on_state(self, state: RecordingState) -> None:
        self._show_leaving()
        if state is RecordingState.STARTING:
            for key in self._failures:
                self._messages.dismiss(key)
            self._failures.clear()

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, StageChanged) or event.state is not StageState.FAILED:
            return
        language = failed_language(event)
        if language is None:
            return
        error = event.error.rstrip(".")
        text = self.tr("Captions are not translated: {error}.")
        if language:
            text = self.tr("Captions are not translated into {language}: {error}.")
        text = text.format(language=fonts.native_name(language), error=error)
        key = f"{KEY}:{language}"
        self._failures.add(key)
        self._messages.show(Message(text, event.hint, Kind.WARNING, key=key))
