"""Captionist: live captions, recordings and notes of meetings, on the user's machine."""

__version__ = "0.1.0"
