"""What a source of audio is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.audio import AudioBlock, AudioFormat


class AudioSource(Protocol):
    """Delivers blocks by itself, from a thread of its own, until it is stopped.

    The owner calls `open`, `start`, `stop`, `close` from one thread, in this order. `stop` and
    `close` may be called at any time and more than once.
    """

    @property
    def name(self) -> str:
        """A short name for people and for file names: "mic", "system", a file's stem."""
        ...

    def open(self) -> AudioFormat:
        """Acquire the device or file. Raises CaptureError."""
        ...

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        """Begin to deliver. `deliver` must return at once; a device's callback only copies.

        `ended` is called once, from the source's thread, when a file has been played to its
        end or a device has gone; it is not called because of `stop`. `failure` then tells why.
        Like `deliver` it must not wait, and must not call `stop` or `close` itself.
        """

    @property
    def failure(self) -> Exception | None:
        """Why the source ended by itself, or None if it ended as files do.

        A damaged file is played as far as possible; MediaError then tells what was wrong.
        """
        ...

    def stop(self) -> None:
        """Deliver nothing more. Returns once no further call to `deliver` can happen."""

    def close(self) -> None: ...
