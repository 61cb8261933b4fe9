"""What is wrong with the sound of a file, said on standard error without `--verbose`."""

from __future__ import annotations

import logging

import click

_SOURCE = "app.capture.condition"


class Complaints(logging.Handler):
    """Says each sentence once, even if a file is read several times."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: set[str] = set()

    def begin(self) -> None:
        logger = logging.getLogger(_SOURCE)
        logger.addHandler(self)
        logger.setLevel(logging.WARNING)
        logger.propagate = False  # the root's handlers say it in their own way

    def end(self) -> None:
        logger = logging.getLogger(_SOURCE)
        logger.removeHandler(self)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True

    def emit(self, record: logging.LogRecord) -> None:
        sentence = record.getMessage()
        if sentence not in self._said:
            self._said.add(sentence)
            click.echo(f"captionist: {sentence}.", err=True)
