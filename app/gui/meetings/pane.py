"""The left side: search box and list of meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QPoint,
    QSignalBlocker,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.gui import icons
from app.gui.meetings.delegate import MeetingDelegate
from app.gui.meetings.model import ROW_ROLE, MeetingsModel
from app.gui.rows import MeetingRow, MeetingState
from app.gui.theme import scaled

if TYPE_CHECKING:
    from app.gui.theme import Theme


class MeetingsPane(QFrame):
    """Lets the user choose a meeting, and ask for things to be done with it."""

    chosen = Signal(str)
    rename_asked = Signal(str, str)
    export_asked = Signal(str)
    delete_asked = Signal(str)
    folder_asked = Signal(str)
    transcribe_asked = Signal(str)
    speakers_asked = Signal(str)
    translate_asked = Signal(str)
    continue_asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.model = MeetingsModel()
        self._theme = theme
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self.model)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._search = self._make_search()
        self._list = self._make_list()
        self._empty = self._make_empty()
        self._recording = False
        self._work = self._make_work()
        self._arrange()
        self._connect()
        self._update_empty()

    def _make_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setObjectName("searchBox")
        search.setPlaceholderText(self.tr("Search meetings"))
        search.setAccessibleName(self.tr("Search meetings by title"))
        search.setToolTip(self.tr("Search meetings by title (Ctrl+F)"))
        search.setClearButtonEnabled(True)
        search.addAction(icons.icon("search", "#8b94a6"), QLineEdit.ActionPosition.LeadingPosition)
        return search

    def _make_list(self) -> QListView:
        view = QListView()
        view.setObjectName("meetingsList")
        view.setAccessibleName(self.tr("Meetings"))
        view.setModel(self._shown)
        view.setItemDelegate(MeetingDelegate(self._theme, view))
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        return view

    def _make_empty(self) -> QLabel:
        label = QLabel()
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        label.setContentsMargins(20, 28, 20, 0)
        return label

    def _make_work(self) -> QLabel:
        label = QLabel()
        label.setObjectName("workLabel")
        label.setProperty("role", "muted")
        label.setFont(scaled(self.font(), 0.85))
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setContentsMargins(16, 0, 12, 2)
        label.hide()
        return label

    def _arrange(self) -> None:
        self.setFocusProxy(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 14, 0, 8)
        column.setSpacing(10)
        top = QVBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.addWidget(self._search)
        column.addLayout(top)
        holder = QWidget()
        self._pages = QStackedLayout(holder)
        self._pages.addWidget(self._list)
        self._pages.addWidget(self._empty)
        column.addWidget(holder, 1)
        column.addWidget(self._work)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_searched)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._list.customContextMenuRequested.connect(self._on_menu_asked)
        self.model.rename_asked.connect(self.rename_asked)
        for changed in (self._shown.rowsInserted, self._shown.rowsRemoved, self._shown.modelReset):
            changed.connect(self._update_empty)
        find = QAction(self)
        find.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        find.triggered.connect(self._search.setFocus)
        delete = QAction(self._list)
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        delete.triggered.connect(self._on_delete_pressed)
        self.addAction(find)
        self._list.addAction(delete)

    @property
    def current(self) -> str:
        """ID of the chosen meeting; "" if there is none."""
        row = self._list.currentIndex().data(ROW_ROLE)
        return row.id if isinstance(row, MeetingRow) else ""

    def choose(self, meeting: str) -> None:
        """Select a meeting; "" selects none."""
        position = self.model.position(meeting)
        if position is None:
            self._list.setCurrentIndex(QModelIndex())
            return
        index = self._shown.mapFromSource(self.model.index(position))
        self._list.setCurrentIndex(index)
        self._list.scrollTo(index)

    def show_meetings(self, rows: list[MeetingRow]) -> None:
        """Show these, and keep the chosen one if it is still there."""
        chosen = self.current
        with QSignalBlocker(self._list.selectionModel()):
            self.model.show(rows)
            self.choose(chosen)
        self._list.viewport().update()

    def _on_searched(self, text: str) -> None:
        self._shown.setFilterFixedString(text.strip())
        self._update_empty()

    def _on_current_changed(self, current: QModelIndex) -> None:
        row = current.data(ROW_ROLE)
        if isinstance(row, MeetingRow):
            self.chosen.emit(row.id)

    def _on_delete_pressed(self) -> None:
        row = self.model.row(self.current)
        if row is not None and row.state is not MeetingState.RECORDING:
            self.delete_asked.emit(row.id)

    def _update_empty(self) -> None:
        nothing = self._shown.rowCount() == 0
        searching = bool(self._search.text().strip())
        self._empty.setText(
            self.tr("No meeting has a title like this.")
            if searching
            else self.tr("Your meetings will be listed here.")
        )
        self._pages.setCurrentIndex(1 if nothing else 0)

    def _on_menu_asked(self, at: QPoint) -> None:
        index = self._list.indexAt(at)
        row = (index if index.isValid() else self._list.currentIndex()).data(ROW_ROLE)
        if not isinstance(row, MeetingRow):
            return
        menu = self.menu_for(row)
        menu.exec(self._list.viewport().mapToGlobal(at))
        menu.deleteLater()

    def menu_for(self, row: MeetingRow) -> QMenu:
        """What can be done with a meeting."""
        menu = QMenu(self)
        recording = row.state is MeetingState.RECORDING
        damaged = row.state is MeetingState.DAMAGED
        rename = menu.addAction(
            icons.icon("pencil"), self.tr("Rename"), lambda: self.start_rename(row.id)
        )
        export = menu.addAction(
            icons.icon("export"), self.tr("Export…"), lambda: self.export_asked.emit(row.id)
        )
        menu.addAction(
            icons.icon("folder"), self.tr("Show folder"), lambda: self.folder_asked.emit(row.id)
        )
        go_on = menu.addAction(
            icons.icon("record"),
            self.tr("Continue this meeting"),
            lambda: self.continue_asked.emit(row.id),
        )
        transcribe = menu.addAction(
            icons.icon("captions"),
            self.tr("Transcribe what is missing"),
            lambda: self.transcribe_asked.emit(row.id),
        )
        speakers = menu.addAction(
            icons.icon("people"),
            self.tr("Tell speakers apart"),
            lambda: self.speakers_asked.emit(row.id),
        )
        translate = menu.addAction(
            icons.icon("translate"),
            self.tr("Translate…"),
            lambda: self.translate_asked.emit(row.id),
        )
        menu.addSeparator()
        delete = menu.addAction(
            icons.icon("trash"), self.tr("Delete…"), lambda: self.delete_asked.emit(row.id)
        )
        rename.setEnabled(not damaged)
        export.setEnabled(not damaged)
        transcribe.setEnabled(not damaged and not recording)
        speakers.setEnabled(not damaged and not recording)
        translate.setEnabled(not damaged and not recording)
        go_on.setEnabled(not damaged and not self._recording)
        delete.setEnabled(not recording)
        return menu

    def show_recording(self, *, on: bool) -> None:
        """While a meeting is being recorded no other one can go on."""
        self._recording = on

    def show_work(self, text: str) -> None:
        """Quietly say what is done in the background; "" for nothing."""
        self._work.setText(text)
        self._work.setVisible(bool(text))

    def start_rename(self, meeting: str) -> None:
        """Open the editor in the list."""
        position = self.model.position(meeting)
        if position is not None:
            self._list.edit(self._shown.mapFromSource(self.model.index(position)))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 120)
