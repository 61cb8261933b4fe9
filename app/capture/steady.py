"""A source that outlives its device: it goes on with another one, on the same clock.

The rule: a device that was chosen is recorded while it is there; while it is not, the default one
is, and the chosen one again as soon as it is back. Without a choice the default one is followed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.capture import sleepwatch
from app.capture.placing import Origin, Placer
from app.capture.reshape import Reshaper
from app.core.audio import AudioBlock
from app.core.errors import AppError, CaptureError
from app.core.events import DeviceChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.capture.protocol import AudioSource
    from app.core.audio import AudioFormat
    from app.platforms.device_eye import DeviceEye, Seen

    Make = Callable[[str], AudioSource]

LOOK_S = 1.0
"""How often it is looked whether the device is still the right one."""
QUIET_LOOKS = 5
"""Looks without a block after which the device is opened anew, and twice as many the next time."""
NEW_DEFAULT = "the default device has changed"
BACK = "the chosen device is back"

_MOST_QUIET_LOOKS = 60
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 1.0  # between attempts
_REASON_HOLDS_S = 15.0
_LATE_S = 5.0  # by which a look may be late on a busy machine


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How a source keeps steady. `device` "" follows the default one.

    `eye` sees devices come and go. `moved_by_system`: the system itself moves a recording to a
    new default device, so that it is only told. `origin` is shared by the sources of a meeting.
    """

    device: str = ""
    eye: DeviceEye | None = None
    moved_by_system: bool = False
    origin: Origin = field(default_factory=Origin)


class SteadySource:
    """Wraps the sources that `make(device)` gives; `publish` is called from its own thread.

    It ends only by `stop`, or if `deliver` fails. `open` raises CaptureError like any source: what
    is wrong at the start is for the user to know.
    """

    def __init__(
        self,
        name: str,
        make: Make,
        publish: Callable[[DeviceChanged], object],
        how: Steadiness | None = None,
        clocks: sleepwatch.Clocks | None = None,
    ) -> None:
        self._name = name
        self._make = make
        self._publish = publish
        self._how = how or Steadiness()
        self._clocks = clocks or sleepwatch.Clocks()
        self._device = self._how.device  # what is being recorded; "" is the default one
        self._inner: AudioSource | None = None
        self._seen: Seen | None = None
        self._failure: Exception | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost: Exception | str | None = None  # why the inner source ended
        self._beats = 0
        self._quiet = _Quiet()
        self._naps = _Naps(self._clocks)
        self._reason, self._reason_until = "", 0.0

    @property
    def name(self) -> str:
        return self._name

    @property
    def failure(self) -> Exception | None:
        return self._failure

    @property
    def seconds(self) -> float:
        """How far its clock has come."""
        return self._placer.seconds

    def why(self) -> str:
        """The reason of a gap that is found now."""
        if still := self._naps.reason():
            return still
        if self._clocks.elapsed() < self._reason_until:
            return self._reason
        return f"nothing came from {self._name}"

    def open(self) -> AudioFormat:
        self._inner = self._make(self._device)
        self._format = self._inner.open()
        self._reshaper = Reshaper(self._format, self._format)
        self._placer = Placer(self._format.rate, self._how.origin)
        return self._format

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        assert self._inner is not None, "open first"
        self._deliver, self._ended = deliver, ended
        self._seen = self._look()
        self._naps.look()
        self._inner.start(self._take, self._inner_ended)
        self._thread = threading.Thread(
            target=self._watch, name=f"steady-{self._name}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        if self._inner is not None:
            self._inner.stop()

    def close(self) -> None:
        self.stop()
        inner, self._inner = self._inner, None
        if inner is not None:
            inner.close()
        if self._how.eye is not None:
            self._how.eye.close()

    def _take(self, block: AudioBlock) -> None:
        """Runs in the inner source's thread, perhaps a sound card's callback."""
        self._beats += 1
        samples, lost = self._reshaper.take(block)
        if len(samples):
            first = self._placer.place(len(samples), lost, self._reshaper.held)
            self._deliver(AudioBlock(first, samples, self._format))

    def _inner_ended(self) -> None:
        failure = self._inner.failure if self._inner is not None else None
        self._lost = failure or f"{self._name} has ended"
        self._wake.set()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(LOOK_S)
            self._wake.clear()
            if self._stopping.is_set():
                return
            if isinstance(self._lost, Exception) and not isinstance(self._lost, AppError):
                self._failure = self._lost  # a bug in who takes the sound: nothing to go on with
                self._ended()
                return
            self._look_after()

    def _look_after(self) -> None:
        """One look: note sleep, and change the device if there is a reason."""
        if still := self._naps.reason():
            self._note(still)
        wanted, reason = self._wish()
        if reason:
            self._note(reason)
            self._change(wanted, reason)
        self._naps.look()

    def _wish(self) -> tuple[str, str]:
        """The device to be recorded and why it is another, or "" if all is well."""
        before, seen = self._seen, self._look()
        self._seen = seen or before
        if self._lost is not None:
            return self._how.device, str(self._lost)
        if self._quiet.too_long(self._beats):
            return self._how.device, f"nothing came from {self._name}"
        if before is None or seen is None:
            return self._device, ""
        if self._how.device and not self._device and _came(before, seen, self._how.device):
            return self._how.device, BACK
        if not self._device and seen.default and seen.default != before.default:
            return self._follow(seen)
        return self._device, ""

    def _follow(self, seen: Seen) -> tuple[str, str]:
        if not self._how.moved_by_system:
            return "", NEW_DEFAULT
        self._note(NEW_DEFAULT)
        self._tell(seen.title(""), NEW_DEFAULT)
        return "", ""

    def _change(self, wanted: str, reason: str) -> None:
        """Let the device go and open another, for as long as it takes."""
        self._let_go()
        wait = _FIRST_WAIT_S
        while not self._stopping.is_set():
            self._note(reason)  # the first block may come before anything else is said
            self._naps.look()
            for device in dict.fromkeys((wanted, "")):
                if self._begin(device):
                    self._seen = self._look() or self._seen
                    title = self._seen.title(device) if self._seen is not None else device
                    self._tell(title, reason)
                    return
            self._stopping.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    def _let_go(self) -> None:
        inner, self._inner = self._inner, None
        if inner is not None:
            inner.stop()
            inner.close()

    def _begin(self, device: str) -> bool:
        inner = self._make(device)
        try:
            form = inner.open()
            self._reshaper = Reshaper(form, self._format)
            self._placer.restart()
            self._lost = None
            self._inner = inner
            inner.start(self._take, self._inner_ended)
        except CaptureError:
            self._inner = None
            inner.close()
            return False
        self._device = device
        self._quiet.begin(self._beats)
        return True

    def _look(self) -> Seen | None:
        return self._how.eye.look() if self._how.eye is not None else None

    def _note(self, reason: str) -> None:
        self._reason, self._reason_until = reason, self._clocks.elapsed() + _REASON_HOLDS_S

    def _tell(self, title: str, reason: str) -> None:
        self._publish(DeviceChanged(self._name, title, round(self._placer.seconds, 3), reason))


def _came(before: Seen, seen: Seen, device: str) -> bool:
    """Whether `device` may be back: it is there, or something new is, under whatever name."""
    return seen.has(device) or bool(set(seen.titles) - set(before.titles))


class _Quiet:
    """Counts looks without a block; each device that stays quiet gets more patience."""

    def __init__(self) -> None:
        self._beats = 0
        self._looks = 0
        self._limit = QUIET_LOOKS

    def begin(self, beats: int) -> None:
        self._beats, self._looks = beats, 0

    def too_long(self, beats: int) -> bool:
        if beats != self._beats:
            self._beats, self._looks, self._limit = beats, 0, QUIET_LOOKS
            return False
        self._looks += 1
        if self._looks < self._limit:
            return False
        self._looks, self._limit = 0, min(2 * self._limit, _MOST_QUIET_LOOKS)
        return True


class _Naps:
    """Whether the computer slept, or this program stood still, since the last look."""

    def __init__(self, clocks: sleepwatch.Clocks) -> None:
        self._clocks = clocks
        self.look()

    def look(self) -> None:
        self._awake, self._elapsed = self._clocks.awake(), self._clocks.elapsed()

    def reason(self) -> str:
        """ "" if neither is so. May be asked from any thread."""
        passed = self._clocks.elapsed() - self._elapsed
        if passed - (self._clocks.awake() - self._awake) > 1.0:
            return sleepwatch.SLEPT
        return sleepwatch.STOOD_STILL if passed > LOOK_S + _LATE_S else ""
