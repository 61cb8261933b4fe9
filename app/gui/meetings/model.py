"""The meetings as an item model, and their description in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QDateTime,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.gui.rows import MeetingRow, MeetingState

if TYPE_CHECKING:
    from collections.abc import Sequence

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
NO_PARENT = QModelIndex()


class MeetingsModel(QAbstractListModel):
    """Newest first. `rename_asked` gives the ID and a title that was typed in the list."""

    rename_asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[MeetingRow] = []

    def show(self, rows: Sequence[MeetingRow]) -> None:
        """Take over `rows`, touching only what differs, so that selection and place stay."""
        ids = [row.id for row in rows]
        if ids == [row.id for row in self._rows]:
            for i, row in enumerate(rows):
                self._replace(i, row)
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def put(self, row: MeetingRow) -> None:
        """Insert a new meeting at the top, or replace what is known of an old one."""
        known = self.position(row.id)
        if known is not None:
            self._replace(known, row)
            return
        self.beginInsertRows(NO_PARENT, 0, 0)
        self._rows.insert(0, row)
        self.endInsertRows()

    def remove(self, meeting: str) -> None:
        known = self.position(meeting)
        if known is None:
            return
        self.beginRemoveRows(NO_PARENT, known, known)
        del self._rows[known]
        self.endRemoveRows()

    def position(self, meeting: str) -> int | None:
        return next((i for i, row in enumerate(self._rows) if row.id == meeting), None)

    def row(self, meeting: str) -> MeetingRow | None:
        known = self.position(meeting)
        return None if known is None else self._rows[known]

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.title}, {detail_text(row)}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{row.title}\n{detail_text(row)}"
            case _:
                return row if role == ROW_ROLE else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        title = " ".join(str(value).split())
        row = self._rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or not title or title == row.title:
            return False
        self.rename_asked.emit(row.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def _replace(self, position: int, row: MeetingRow) -> None:
        if self._rows[position] != row:
            self._rows[position] = row
            index = self.index(position)
            self.dataChanged.emit(index, index)


def detail_text(row: MeetingRow) -> str:
    """When, how long, and whether something is special about it."""
    parts = [when_text(row.started)] if row.started else []
    if row.state is MeetingState.RECORDING:
        parts.append(_tr("Recording"))
    elif row.duration_s > 0:
        parts.append(duration_text(row.duration_s))
    state = {
        MeetingState.INTERRUPTED: _tr("Interrupted"),
        MeetingState.DAMAGED: _tr("Damaged"),
    }.get(row.state)
    return "  ·  ".join([state, *parts] if state else parts)


def when_text(moment: datetime) -> str:
    """Today and yesterday by name, the last days by weekday, else the date; with the time."""
    locale = QLocale()
    local = moment.astimezone()
    now = datetime.now().astimezone()
    stamp = QDateTime.fromSecsSinceEpoch(int(local.timestamp()))
    time = locale.toString(stamp.time(), QLocale.FormatType.ShortFormat)
    if local.date() == now.date():
        day = _tr("Today")
    elif local.date() == (now - timedelta(days=1)).date():
        day = _tr("Yesterday")
    elif timedelta(0) <= now - local < timedelta(days=6):
        day = locale.dayName(local.isoweekday())
    else:
        pattern = "d MMM" if local.year == now.year else "d MMM yyyy"
        day = locale.toString(stamp.date(), pattern)
    return f"{day} {time}"


def duration_text(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 60:
        return _tr("{n} s").format(n=round(seconds))
    if minutes < 60:
        return _tr("{n} min").format(n=minutes)
    return _tr("{h} h {m:02d} min").format(h=minutes // 60, m=minutes % 60)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Meetings", text)
