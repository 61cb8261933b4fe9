"""The page of the settings that lists models, and what its buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.gui.dialogs.ask import Question
from app.gui.dialogs.models import ModelsPage, title_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.gui.background import Background
    from app.gui.downloads import DownloadCard
    from app.gui.messages import MessageCentre
    from app.gui.rows import ModelRow
    from app.gui.services import Services

Groups = list[tuple[str, list["ModelRow"]]]


class ModelManager(QObject):
    """Fills a page while it is open. `fetch` asks for a download, `removed` is told of an end."""

    def __init__(
        self,
        services: Services,
        background: Background,
        messages: MessageCentre,
        downloads: DownloadCard,
        fetch: Callable[[ModelRow], object],
    ) -> None:
        self.page = ModelsPage()
        super().__init__(self.page)
        self._models = services.models
        self._background = background
        self._messages = messages
        self._downloads = downloads
        self.after_removal: Callable[[], object] = lambda: None
        self.page.pull_asked.connect(fetch)
        self.page.remove_asked.connect(self._ask_removal)
        downloads.moved.connect(self._on_moved)
        downloads.finished.connect(lambda _name: self.refresh())
        self._on_moved()
        self.refresh()

    def refresh(self) -> None:
        """Look again what is installed."""
        job = self._background.job("list all models", lambda _job: self._groups())
        job.on_success(self.page.show_models).start()

    def _groups(self) -> Groups:
        models = self._models
        return [
            (self.tr("Translation"), models.translations()),
            (self.tr("Speech to text"), models.rows()),
            (self.tr("Telling speakers apart"), [models.voices()]),
        ]

    def _on_moved(self) -> None:
        self.page.show_progress(self._downloads.name, self._downloads.share)

    def _ask_removal(self, row: ModelRow) -> None:
        question = Question(
            self.page.window(),
            self.tr("Remove {model}?").format(model=title_of(row)),
            self.tr("Its {size:,.0f} MB are freed. It can be downloaded again.").format(
                size=row.size_mb
            ),
            self.tr("Remove"),
        )
        question.warn().then(lambda: self._remove(row))

    def _remove(self, row: ModelRow) -> None:
        models = self._models

        def failed(error: Exception) -> None:
            self._messages.show_error(error, key="remove")
            self.refresh()

        def done(_none: None) -> None:
            self.refresh()
            self.after_removal()

        job = self._background.job("remove model", lambda _job: models.remove(row.name))
        job.on_success(done).on_failure(failed).start()
