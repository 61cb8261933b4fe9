"""Translating a saved meeting, when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.settings import TranslationSettings
from app.gui.dialogs.targets import TargetsDialog
from app.gui.leaving import leaving_to
from app.gui.messages import Button, Kind, Message
from app.gui.obstacles import ObstacleWatch
from app.gui.rows import TranslationPlan

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.gui.background import BackgroundOp
    from app.gui.desktop import Desktop
    from app.gui.rows import ModelRow, OpenedMeeting
    from app.gui.services import Services

KEY = "translate-meeting"


class SavedTranslating(QObject):
    """One meeting at a time. What is there already, and what people wrote, stays."""

    def __init__(
        self,
        desktop: Desktop,
        services: Services,
        fetch: Callable[[ModelRow], object],
        offered: Callable[[str], list[str]],
    ) -> None:
        super().__init__(desktop)
        self._services = services
        self._background = desktop.background
        self._preferences = desktop.preferences
        self._messages = desktop.messages
        self._window = desktop.window
        self._workspace = desktop.workspace
        self._fetch = fetch
        self._offered = offered
        self._job: BackgroundOp[int] | None = None
        self._title = ""
        self._watch: ObstacleWatch | None = None
        self._window.meetings.translate_asked.connect(self.ask)

    def ask(self, meeting: str) -> None:
        """Ask for the languages, knowing those of the meeting."""
        if self._job is not None:
            self._say(self.tr("Another meeting is being translated."))
            return
        meetings = self._services.meetings
        job = self._background.job("look at languages", lambda _job: meetings.read(meeting))
        job.on_success(self._open).start()

    def _open(self, opened: OpenedMeeting) -> None:
        if not opened.lines:
            self._say(self.tr("There are no words in this meeting to translate."))
            return
        settings = self._preferences.settings.translation
        dialog = TargetsDialog(self._window, settings, self._offered, live=False)
        dialog.setWindowTitle(self.tr("Translate “{title}”").format(title=opened.row.title))

        def plan(targets: tuple[str, ...], engine: str) -> TranslationPlan:
            return TranslationPlan(opened.spoken, targets, engine, "")

        self._watch = ObstacleWatch(dialog, self._services.translators, self._background, plan)
        dialog.finished.connect(self._forget_watch)
        dialog.download_asked.connect(self._fetch)
        dialog.chosen.connect(lambda targets, engine: self._start(opened, targets, engine))
        dialog.open()

    def _forget_watch(self) -> None:
        self._watch = None

    def look(self) -> None:
        """Something was installed or removed."""
        if self._watch is not None:
            self._watch.look()

    def _start(self, opened: OpenedMeeting, targets: tuple[str, ...], engine: str) -> None:
        if not targets:
            return
        meetings, meeting, self._title = self._services.meetings, opened.row.id, opened.row.title
        settings = self._preferences.settings.translation
        where = leaving_to(
            TranslationSettings(",".join(targets), engine, server_url=settings.server_url)
        )
        job = self._background.job(
            "translate meeting",
            lambda job: meetings.translate(
                meeting, targets, engine, lambda s: job.progress(s, 1.0), job.cancelled
            ),
        )
        job.on_success(lambda number: self._on_done(meeting, number))
        job.on_failure(lambda error: self._on_failed(meeting, error))
        job.on_progress(lambda done, total: self._show_progress(done / total, where))
        self._job = job
        self._show_progress(0.0, where)
        job.start()

    def _show_progress(self, share: float, where: str) -> None:
        job = self._job
        if job is None or job.cancelled:
            return
        text = self.tr("Translating “{title}”… {share:.0f} %")
        hint = self.tr("You can go on working.")
        if where:
            hint = self.tr("Its text is sent to {where}.").format(where=where)
        stop = Button(self.tr("Cancel"), self._cancel)
        text = text.format(title=self._title, share=100 * share)
        kind = Kind.WARNING if where else Kind.INFO
        self._messages.show(Message(text, hint, kind, KEY, stop))

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._messages.dismiss(KEY)

    def _on_done(self, meeting: str, number: int) -> None:
        cancelled = self._job is not None and self._job.cancelled
        self._job = None
        if number:
            self._workspace.reload(meeting)
        if cancelled:
            return
        text = self.tr("“{title}” has been translated.")
        if not number:
            text = self.tr("Everything in “{title}” has been translated already.")
        self._say(text.format(title=self._title), Kind.SUCCESS)

    def _on_failed(self, meeting: str, error: Exception) -> None:
        self._job = None
        self._messages.show_error(error, key=KEY)
        self._workspace.reload(meeting)  # what was done by then is kept

    def _say(self, text: str, kind: Kind = Kind.INFO) -> None:
        key = KEY if self._job is None else ""
        self._messages.show(Message(text, kind=kind, key=key, brief=True))
