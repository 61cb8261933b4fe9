"""Where meetings are kept, to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from app.gui.theme import scaled

if TYPE_CHECKING:
    from pathlib import Path


def show_folder(folder: Path) -> None:
    """Open `folder`, or the nearest one above it that exists."""
    there = next((place for place in (folder, *folder.parents) if place.is_dir()), folder)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(there)))


class FolderCard(QFrame):
    """The path, and a button that opens it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.setObjectName("folderCard")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        heading = QLabel(self.tr("Where meetings are kept"))
        heading.setFont(scaled(self.font(), 1.05, QFont.Weight.DemiBold))
        column.addWidget(heading)
        card = QFrame()
        card.setObjectName("card")
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(12)
        path = QLineEdit(str(folder))
        path.setObjectName("meetingsFolder")
        path.setReadOnly(True)
        path.setCursorPosition(0)
        path.setToolTip(str(folder))
        path.setAccessibleName(heading.text())
        row.addWidget(path, 1)
        button = QPushButton(self.tr("Open folder"))
        button.setObjectName("openMeetingsFolder")
        button.setAutoDefault(False)
        button.clicked.connect(lambda: show_folder(folder))
        row.addWidget(button)
        column.addWidget(card)
        about = QLabel(
            self.tr(
                "Each meeting is a folder with its sound, its text and your notes. A recording is "
                "made smaller when its meeting is over; the original goes only after the smaller "
                "one was compared with it. To keep meetings elsewhere, start the program with "
                "CAPTIONIST_DATA set to another folder."
            )
        )
        about.setProperty("role", "muted")
        about.setWordWrap(True)
        about.setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(about)
