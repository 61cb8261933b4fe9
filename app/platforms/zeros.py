"""What it means that system audio of macOS is exactly zero."""

from __future__ import annotations

from enum import Enum, auto

from app.platforms.objectivec import Permission

ZERO_SECONDS = 8.0
LONGEST_SECONDS = 64.0


class Verdict(Enum):
    FINE = auto()
    REBUILD = auto()
    REFUSED = auto()


class ZeroRule:
    """A tap that is not allowed, and one that got stuck, both deliver zeros without an error.

    Zeros count only while another program plays. First the tap is made anew, at ever longer
    intervals as the program may really be silent. Refused is what macOS says is refused; where it
    says nothing, what was zero from the start and stays so after a new tap.
    """

    def __init__(self, now: float) -> None:
        self._since = now
        self._patience = ZERO_SECONDS
        self._ever_heard = False
        self._rebuilt = False

    def heard(self, now: float) -> None:
        """There was a sample other than zero."""
        self._since = now
        self._patience = ZERO_SECONDS
        self._ever_heard = True
        self._rebuilt = False

    def nothing_plays(self, now: float) -> None:
        self._since = now

    def is_due(self, now: float) -> bool:
        """Whether zeros have lasted for so long that `judge` is to be asked."""
        return now - self._since >= self._patience

    def judge(self, now: float, permission: Permission) -> Verdict:
        self._since = now
        unheard = not self._ever_heard
        silent_again = self._rebuilt and permission is Permission.UNKNOWN
        if unheard and (permission is Permission.REFUSED or silent_again):
            return Verdict.REFUSED
        if self._rebuilt:
            self._patience = min(2 * self._patience, LONGEST_SECONDS)
        self._rebuilt = True
        return Verdict.REBUILD
