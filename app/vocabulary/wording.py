"""What recognition is told about words: the terms to expect, the corrections to make."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.vocabulary.corrections import Corrections, load_corrections
from app.vocabulary.terms import FILE, Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.paths import Paths

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wording:
    """`terms` have the most important ones first."""

    terms: tuple[str, ...] = ()
    corrections: Corrections = field(default_factory=Corrections)


def meeting_wording(paths: Paths, folder: Path) -> Wording:
    """The wording of the saved meeting in `folder`, with its own terms first. Never raises."""
    try:
        own = load_vocabulary(folder / FILE).terms
    except StorageError as exc:
        logger.warning("%s; the meeting's own terms are left out", exc)
        own = ()
    return load_wording(paths, own)


def load_wording(paths: Paths, own: tuple[str, ...] = ()) -> Wording:
    """The meeting's `own` terms before the user's general ones, and the user's corrections.

    Never raises: a list that cannot be read must not keep a meeting from being recorded.
    """
    terms, corrections = Vocabulary(own), Corrections()
    try:
        terms = terms.then(load_vocabulary(paths.vocabulary))
    except StorageError as exc:
        logger.warning("%s; the meeting goes without these terms", exc)
    try:
        corrections = Corrections(load_corrections(paths.corrections))
    except StorageError as exc:
        logger.warning("%s; the meeting goes without corrections", exc)
    return Wording(terms.terms, corrections)
