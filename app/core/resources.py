"""Where the files of the top-level folder `resources/` are, however the program was installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_ROOTS = (
    _PACKAGE / "resources",  # in a wheel and in the frozen bundle
    _PACKAGE.parent / "resources",  # in the source tree
)


def resource(name: str) -> Path:
    """The path of `name`, for example "icons/record.svg"; raises FileNotFoundError."""
    for root in _ROOTS:
        path = root / name
        if path.exists():
            return path
    raise FileNotFoundError(f"The program's file {name} is missing")
