"""What can be tuned about streaming recognition, in the field's terms and with its units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

Options = TypeVar("Options")
Deferred: TypeAlias = Options | Callable[[], Options]
"""Options, or a function that is asked for them when the model has been loaded."""


def settled(options: Deferred[Options]) -> Options:
    return options() if callable(options) else options


@dataclass(frozen=True, slots=True)
class AlignAttOptions:
    """The AlignAtt policy (Papi et al. 2023; SimulStreaming, Macháček and Polák 2025).

    A frame is an encoder frame of 20 ms. A word is committed when the text says that it ended at
    least so many frames before the newest audio; how many depends on how sure the model is.
    """

    step: float = 0.5  # seconds of new audio between two steps
    padding: float = 2.0  # seconds of silence behind the audio that the encoder sees, at least
    longest: float = 12.0  # seconds of audio that a step looks at, at most ...
    keep: float = 4.0  # ... and still does, at least, after its beginning was left behind
    reach: float = 15.0  # seconds of audio that a closer look goes back to
    doubt: float = 0.45  # probability under which a word is not committed without a closer look
    closer_beams: int = 5
    frame_threshold: int = 24  # a word that is as likely as not
    frames_per_certainty: float = 9.0  # so many fewer for each unit of log odds that it is likelier
    frame_threshold_sure: int = 5  # ... down to this
    prompt_tokens: int = 32  # older text given before the window's own
    tokens_per_second: float = 7.0  # bounds what one step may add
    short_pause: float = 0.4  # seconds of silence after which sure words are committed
    short_pause_floor: float = 0.5  # ... up to the first word less probable than this
    long_pause: float = 0.9  # seconds of silence that end an utterance: all words are committed
    long_pause_floor: float = 0.1  # ... up to the first word less probable than this
    pause_slack: float = 0.15  # seconds after the end of speech in which a word may still begin
    never_fire: bool = False  # until the utterance ends, its last word waits for one behind it
    static_prompt: str = ""  # stands in front of the older text in every prompt


@dataclass(frozen=True, slots=True)
class LocalAgreementOptions:
    """The LocalAgreement-2 policy (WhisperStreaming, Macháček et al. 2023).

    All the audio held is decoded in each step; words stand when two steps in a row begin with them.
    """

    step: float = 1.0  # seconds of new audio between two steps
    longest: float = 15.0  # seconds of audio above which what is committed is dropped
    trimming: str = "segment"  # ... up to a rest at the end of a "segment" (any mark) or "sentence"
    beams: int = 1
    validation: float | None = None  # probability above which a word needs no second step
    prompt_tokens: int = 200  # committed text whose audio has been dropped
    static_prompt: str = ""  # stands in front of that text in every prompt
    tokens_per_second: float = 9.0  # bounds the length of a text
    short_pause: float = 0.4  # seconds of silence after which sure words are committed
    short_pause_floor: float = 0.5  # ... up to the first word less probable than this
    long_pause: float = 0.9  # seconds of silence that end an utterance: all words are committed
    long_pause_floor: float = 0.1  # ... up to the first word less probable than this
    pause_slack: float = 0.15  # seconds after the end of speech in which a word may still begin
    never_fire: bool = False  # until the utterance ends, its last word waits for one behind it


@dataclass(frozen=True, slots=True)
class UtteranceOptions:
    """When a run of words becomes a line of its own (seconds)."""

    sentence_after: float = 6.0  # a sentence end closes an utterance that is at least this long
    longest: float = 20.0  # any word does, after this
    pressing_after: float = 12.0  # a sentence end with hardly a rest behind it does, after this


@dataclass(frozen=True, slots=True)
class LanguageOptions:
    """How the language is found when the user leaves it open."""

    needed: float = 1.5  # seconds of speech before the first try
    patience: float = 5.0  # seconds after which the likeliest is taken, however unlikely
    floor: float = 0.5  # probability that settles it
    step: float = 0.5  # seconds of speech between two tries
    needed_again: float = 1.0  # seconds of a later utterance before it is judged ...
    needed_to_switch: float = 2.0  # ... and before it may be in another language,
    certain: float = 0.95  # which this probability shows at once
    likely: float = 0.7  # ... or this one twice in a row; the words wait meanwhile
    patience_again: float = 3.0  # seconds after which an utterance keeps the language
    context: int = 750  # mel frames (10 ms) that the encoder sees for this
    pause: float = 4.0  # seconds at least between looking twice without a long pause


@dataclass(frozen=True, slots=True)
class RevisionOptions:
    """How finished utterances are decoded again for what is stored."""

    longest: float = 28.0  # seconds of a window; Whisper hears 30
    gap: float = 3.0  # seconds of silence that a window does not span
    beams: int = 5
    prompt_tokens: int = 64
    score_floor: float = -1.0  # mean log probability under which the live words are kept
    tokens_per_second: float = 9.0  # bounds the length of a window's text
    static_prompt: str = ""  # stands in front of the text before in every prompt
