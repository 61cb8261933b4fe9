"""What to write and which names to expect, for all commands that recognise."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS = ("transcribe", "translate")


@dataclass(frozen=True, slots=True)
class Words:
    """`translate`: English of any language. `vocabulary` are names and terms to expect."""

    translate: bool
    vocabulary: tuple[str, ...]


def wording_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--task` and `--vocabulary`; `command` gets them as one keyword argument, `words`."""

    @click.option(
        "--task",
        type=click.Choice(TASKS),
        default=TASKS[0],
        show_default=True,
        help="translate: write English, whatever is spoken; needs a multilingual model.",
    )
    @click.option(
        "--vocabulary",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Names and terms to expect, one a line, before those of 'captionist vocabulary'.",
    )
    @functools.wraps(command)
    def collected(*, task: str, vocabulary: Path | None, **values: Any) -> Any:
        return command(words=Words(task == "translate", _terms(vocabulary)), **values)

    return collected


def _terms(file: Path | None) -> tuple[str, ...]:
    """Raises StorageError."""
    from app.vocabulary.terms import load_vocabulary

    return () if file is None else load_vocabulary(file, must_exist=True).terms
