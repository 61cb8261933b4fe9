"""What to record: a box of the top bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox

from app.gui import icons
from app.gui.recording.box import WideBox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.gui.rows import DeviceRow

MIC, SYSTEM, BOTH = "mic", "system", "both"
TEST = "test"
"""Stands for the entry that opens a dialog, where others have a kind of source."""


def source_name(source: str) -> str:
    """A source as people call it; a file by its name."""
    names = {
        MIC: QCoreApplication.translate("Sources", "Microphone"),
        SYSTEM: QCoreApplication.translate("Sources", "System audio"),
        BOTH: QCoreApplication.translate("Sources", "Microphone and system audio"),
    }
    return names.get(source, source)


def sources_of(kind: str) -> tuple[str, ...]:
    """The sources that are recorded for a choice."""
    return (MIC, SYSTEM) if kind == BOTH else (kind,)


class SourceBox(WideBox):
    """Microphones and system audio, each with the device to take it from, and both together.

    `chosen` gives the kind and the devices as `choice` has them. `test_asked`: the user wants to
    choose devices while hearing them.
    """

    chosen = Signal(str, str, str)
    test_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sourceBox")
        self.setAccessibleName(self.tr("Record from"))
        self.setToolTip(self.tr("What to record"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setMaxVisibleItems(16)
        self._devices: dict[str, list[DeviceRow]] = {MIC: [], SYSTEM: []}
        self._kind = MIC
        self._wanted = {MIC: "", SYSTEM: ""}
        self.activated.connect(self._on_activated)
        self._fill()

    @property
    def choice(self) -> tuple[str, str, str]:
        """The kind ("mic", "system" or both), its device ("" for the default one), and that of
        the system's audio if it is recorded beside the microphone.
        """
        found = self.currentData()
        kind, device = (found[0], found[1]) if found else (self._kind, "")
        if kind == BOTH:
            return BOTH, self._wanted[MIC], self._wanted[SYSTEM]
        return str(kind), str(device), ""

    def devices(self, kind: str) -> list[DeviceRow]:
        """What there is of "mic" or "system"."""
        return list(self._devices[kind])

    def wanted(self, kind: str) -> str:
        """The device to use of "mic" or "system"."""
        return self._wanted[kind]

    def choose(self, kind: str, device: str, system_device: str = "") -> None:
        self._kind = kind
        self._wanted[SYSTEM if kind == SYSTEM else MIC] = device
        if kind == BOTH:
            self._wanted[SYSTEM] = system_device
        self._fill()

    def show_devices(self, kind: str, devices: Sequence[DeviceRow]) -> None:
        self._take_choice()
        self._devices[kind] = list(devices)
        self._fill()

    def _take_choice(self) -> None:
        found = self.currentData()
        if found and found[0] != TEST:
            self._kind = str(found[0])
            if self._kind != BOTH:
                self._wanted[self._kind] = str(found[1])

    def _on_activated(self, index: int) -> None:
        found = self.itemData(index)
        if found and found[0] == TEST:
            self._fill()
            self.test_asked.emit()
            return
        self._take_choice()
        self.chosen.emit(*self.choice)

    def _fill(self) -> None:
        with QSignalBlocker(self):
            self.clear()
            for kind, icon in ((MIC, "microphone"), (SYSTEM, "speaker")):
                self.addItem(icons.icon(icon), source_name(kind), (kind, ""))
                for device in self._devices[kind]:
                    self.addItem(icons.icon(icon), device.name, (kind, device.id))
                self.insertSeparator(self.count())
            self.addItem(icons.icon("microphone"), self.tr("Mic and system"), (BOTH, ""))
            self.setItemData(self.count() - 1, source_name(BOTH), Qt.ItemDataRole.ToolTipRole)
            self.insertSeparator(self.count())
            self.addItem(icons.icon("settings"), self.tr("Devices and sound test…"), (TEST, ""))
            self._select_wanted()

    def _select_wanted(self) -> None:
        """A device that is gone stays chosen: it may come back, and starting says if not."""
        wanted = (self._kind, "" if self._kind == BOTH else self._wanted[self._kind])
        for i in range(self.count()):
            found = self.itemData(i)
            if found and tuple(found) == wanted:
                self.setCurrentIndex(i)
                return
        icon = "microphone" if wanted[0] == MIC else "speaker"
        place = self.count() - 2  # before the dialog and its separator
        self.insertItem(place, icons.icon(icon), wanted[1], wanted)
        self.setCurrentIndex(place)
