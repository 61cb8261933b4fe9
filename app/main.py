"""The desktop program: the only module beside `app.gui` that knows Qt."""

from __future__ import annotations


def main() -> int:
    """Run the desktop program until the user quits; returns its exit code."""
    raise NotImplementedError


def self_test() -> int:
    """Load the model, caption a bundled clip, open and close the window; 0 if all of it works."""
    raise NotImplementedError
