"""The main window: where everything is, and nothing about what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QMainWindow,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.gui.guard import guarded
from app.gui.leaving import LeavingSign
from app.gui.meetings.pane import MeetingsPane
from app.gui.message_bar import MessageBar
from app.gui.notes.editor import NotesEditor
from app.gui.recording.bar import TopBar
from app.gui.theme import scaled
from app.gui.transcript.pane import CentrePane

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QResizeEvent

    from app.gui.actions import Actions
    from app.gui.downloads import DownloadCard
    from app.gui.messages import MessageCentre
    from app.gui.theme import Theme

SIZE = (1180, 740)
LEAST = (1000, 520)
WIDTHS = (280, 560, 340)


class MainWindow(QMainWindow):
    """`closing` asks what a close means; the window itself never closes anything else."""

    closing = Signal(object)
    activated = Signal()

    def __init__(
        self, theme: Theme, actions: Actions, messages: MessageCentre, downloads: DownloadCard
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("Captionist")
        self.resize(*SIZE)
        self.setMinimumSize(*LEAST)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # no ring around a button at start
        self.bar = TopBar(theme, actions)
        self.meetings = MeetingsPane(theme)
        self.centre = CentrePane(theme, actions)
        self.notes = NotesEditor()
        self.messages = MessageBar(messages, theme)
        self.leaving = LeavingSign(theme)
        self.saving = SavingVeil()
        self._split = self._make_split()
        self._arrange(downloads)
        for action in actions.all():
            self.addAction(action)

    def _make_split(self) -> QSplitter:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("split")
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        for i, pane in enumerate((self.meetings, self.centre, self.notes)):
            split.addWidget(pane)
            split.setStretchFactor(i, 1 if pane is self.centre else 0)
        self.meetings.setMinimumWidth(210)
        self.centre.setMinimumWidth(380)
        self.notes.setMinimumWidth(300)
        split.setSizes(WIDTHS)
        return split

    def _arrange(self, downloads: DownloadCard) -> None:
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.leaving)
        column.addWidget(self.messages)
        column.addWidget(downloads)
        column.addWidget(self._split, 1)
        self.setCentralWidget(central)
        self.saving.setParent(self)
        self.saving.hide()

    def place(self) -> str:
        """Where the window is, as text for the settings."""
        return bytes(self.saveGeometry().toBase64().data()).decode("ascii")

    def take_place(self, saved: str) -> None:
        """Restore `place`; Qt brings a window that would be off the screens back."""
        if saved:
            self.restoreGeometry(QByteArray.fromBase64(saved.encode("ascii", "ignore")))

    def bring_to_front(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_saving(self, *, on: bool) -> None:
        """Cover the window while a recording is being saved before the program leaves."""
        self.saving.setVisible(on)
        self.saving.raise_()
        self.saving.setGeometry(self.rect())

    @guarded
    def closeEvent(self, event: QCloseEvent) -> None:
        self.notes.flush()
        self.closing.emit(event)

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.saving.setGeometry(self.rect())

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() != QEvent.Type.ActivationChange:
            return
        if self.isActiveWindow():
            self.activated.emit()
        else:
            self.notes.flush()


class SavingVeil(QWidget):
    """Says that the recording is being saved, and that nothing is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("veil")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(self)
        card = QFrame()
        card.setObjectName("savingCard")
        card.setFixedWidth(360)
        column = QVBoxLayout(card)
        column.setContentsMargins(28, 24, 28, 24)
        column.setSpacing(12)
        title = QLabel(self.tr("Saving…"))
        title.setObjectName("savingLabel")
        title.setFont(scaled(self.font(), 1.25, QFont.Weight.DemiBold))
        words = QLabel(self.tr("The recording is safe. The last words are being written down."))
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        progress = QProgressBar()
        progress.setRange(0, 0)
        progress.setTextVisible(False)
        for widget in (title, words, progress):
            column.addWidget(widget)
        outer.addWidget(card, 0, Qt.AlignmentFlag.AlignCenter)
