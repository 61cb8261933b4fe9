"""The exception hierarchy. Everything we raise on purpose is an `AppError`.

* AppError
  - CaptureError
    . AudioLibraryMissingError
    . DeviceMissingError
    . DeviceLostError
    . MediaError
  - ModelError
    . ModelMissingError
    . ModelCorruptError
    . DownloadError
      DownloadCancelledError
    . LanguageError
  - TranslationError
    . PairMissingError
  - StorageError
    . DataFolderError
    . DiskFullError
    . MeetingMissingError
    . MeetingDamagedError
"""

from __future__ import annotations


class AppError(Exception):
    """An expected failure that the user can be told about.

    The message is one sentence without a final stop; `hint` says what the user can do;
    `retryable` says whether the same action may succeed if it is tried again.
    """

    default_hint = ""
    retryable = False

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = self.default_hint if hint is None else hint


class CaptureError(AppError):
    """Audio cannot be read."""


class AudioLibraryMissingError(CaptureError):
    """The system's audio library (PortAudio, PulseAudio) is not installed."""


class DeviceMissingError(CaptureError):
    """No such input device on this machine."""

    default_hint = "Run 'captionist doctor' to see the devices, or choose another one."


class DeviceLostError(CaptureError):
    """The input device went away while it was in use."""

    default_hint = "Reconnect the device or choose another one."
    retryable = True


class MediaError(CaptureError):
    """A media file is missing, empty, damaged or holds no sound."""


class ModelError(AppError):
    """A model cannot be loaded or run."""


class ModelMissingError(ModelError):
    """The model's files are not on this machine."""


class ModelCorruptError(ModelError):
    """The model's files are incomplete or not what their manifest says."""


class DownloadError(ModelError):
    """A model could not be fetched."""

    default_hint = "Check the connection and try again; what has arrived so far is kept."
    retryable = True


class DownloadCancelledError(DownloadError):
    """The user stopped a download."""

    default_hint = "Start it again to go on from where it stopped."


class LanguageError(ModelError):
    """The language is unknown, or the model does not speak it."""


class TranslationError(AppError):
    """Text cannot be translated; captions are not affected."""


class PairMissingError(TranslationError):
    """No engine that is installed translates between these two languages."""


class StorageError(AppError):
    """A meeting or a setting cannot be written or read."""


class DataFolderError(StorageError):
    """The data folder cannot be created or written."""

    default_hint = "Set CAPTIONIST_DATA to a folder that you can write to."


class DiskFullError(StorageError):
    """There is no room left on the disk."""

    default_hint = "Free some space; everything recorded so far is kept."


class MeetingMissingError(StorageError):
    """No meeting has this ID."""

    default_hint = "Run 'captionist meetings list' to see the meetings."


class MeetingDamagedError(StorageError):
    """A meeting's files cannot be understood."""

    default_hint = "Run 'captionist meetings recover'."
