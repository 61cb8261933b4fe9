"""Fetching a model: asked for once, shown while it runs, cancelled at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout

from app.core.errors import AppError
from app.gui import icons
from app.gui.messages import Button, Kind, Message

if TYPE_CHECKING:
    from app.gui.background import Background, BackgroundOp, Job
    from app.gui.messages import MessageCentre
    from app.gui.rows import ModelRow
    from app.gui.services import Services
    from app.gui.theme import Theme

MEGABYTE = 1_000_000


class DownloadCard(QFrame):
    """One download at a time. `finished` gives the name of a model that is now installed.

    `moved`: another part has arrived, or the download is over.
    """

    finished = Signal(str)
    moved = Signal()

    def __init__(
        self, services: Services, background: Background, messages: MessageCentre, theme: Theme
    ) -> None:
        super().__init__()
        self.setObjectName("downloadCard")
        self._services = services
        self._background = background
        self._messages = messages
        self._op: BackgroundOp[None] | None = None
        self._name = ""
        self.share = 0.0
        self._row: ModelRow | None = None
        self._text = QLabel()
        self._amount = QLabel()
        self._amount.setProperty("role", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setObjectName("downloadProgress")
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setObjectName("downloadCancel")
        self._cancel.clicked.connect(self.cancel)
        self._picture = QLabel()
        self._theme = theme
        theme.changed.connect(self._paint_picture)
        self._arrange()
        self._paint_picture()
        self.hide()

    def _arrange(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 10, 12, 10)
        card = QFrame()
        card.setObjectName("card")
        outer.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(14, 10, 10, 10)
        row.setSpacing(12)
        row.addWidget(self._picture)
        words = QVBoxLayout()
        words.setSpacing(6)
        line = QHBoxLayout()
        line.addWidget(self._text)
        line.addStretch(1)
        line.addWidget(self._amount)
        words.addLayout(line)
        words.addWidget(self._bar)
        row.addLayout(words, 1)
        row.addWidget(self._cancel)

    def _paint_picture(self) -> None:
        colour = self._theme.colours.accent
        picture = icons.pixmap("download", 20, colour, self.devicePixelRatioF())
        self._picture.setPixmap(picture)
        self._picture.setFixedSize(QSize(20, 20))

    @property
    def busy(self) -> bool:
        return self._op is not None

    @property
    def name(self) -> str:
        """The model that is on its way; "" if there is none."""
        return self._name if self.busy else ""

    def start(self, row: ModelRow) -> None:
        """Fetch `row`; another one that is running goes on, and this one waits to be asked."""
        if self.busy:
            self._messages.show(
                Message(self.tr("Another model is being downloaded."), kind=Kind.INFO, brief=True)
            )
            return
        self._row = row
        name = self._name = row.name
        models = self._services.models

        def pull(job: Job) -> None:
            models.pull(name, job.progress, job.cancelled)

        self._text.setText(self.tr("Downloading the model {name}").format(name=name))
        op = self._background.job(f"pull {name}", pull)
        op.on_success(lambda _none: self._on_success()).on_failure(self._on_failure)
        self._op = op.on_progress(self._on_progress).start()
        self._on_progress(0.0, row.size_mb * MEGABYTE)
        self.show()

    def cancel(self) -> None:
        if self._op is not None:
            self._op.cancel()
            self._cancel.setEnabled(False)

    def _on_progress(self, done: float, total: float) -> None:
        self._bar.setRange(0, 1000 if total > 0 else 0)
        self._bar.setValue(round(1000 * done / total) if total > 0 else 0)
        self.share = done / total if total > 0 else 0.0
        self._amount.setText(
            self.tr("{done:.0f} of {total:.0f} MB").format(
                done=done / MEGABYTE, total=total / MEGABYTE
            )
        )
        self.moved.emit()

    def _on_success(self) -> None:
        self._reset()
        self._messages.show(
            Message(
                self.tr("The model {name} is ready.").format(name=self._name),
                kind=Kind.SUCCESS,
                brief=True,
                key="download",
            )
        )
        self.finished.emit(self._name)

    def _on_failure(self, error: Exception) -> None:
        cancelled = self._op is not None and self._op.cancelled
        self._reset()
        if not cancelled:
            self._messages.show_error(error, key="download", button=self._again(error))

    def _again(self, error: Exception) -> Button | None:
        row = self._row
        if row is None or not (isinstance(error, AppError) and error.retryable):
            return None
        return Button(self.tr("Try again"), lambda: self.start(row))

    def _reset(self) -> None:
        self._op = None
        self._cancel.setEnabled(True)
        self.hide()
        self.moved.emit()
