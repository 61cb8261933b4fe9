"""The options of decoding, under the names that the field uses, for all commands that recognise."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import click

from app.cli.options import settings
from app.speech.transcribe.decoding import BALANCED, POLICIES, TRIMMINGS, Decoding
from app.speech.transcribe.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to recognise, as it was said on the command line."""

    policy: str
    decoding: Decoding


_OPTIONS = (
    click.option(
        "--policy",
        type=click.Choice(POLICIES),
        default=POLICIES[0],
        show_default=True,
        help="When words count as recognised. offline: only what is stored, in windows.",
    ),
    click.option(
        "--preset",
        type=click.Choice(["auto", *PRESETS]),
        default="auto",
        help="Cheaper for the machine, or better for the text; auto measures the machine once.",
    ),
    click.option(
        "--frame-threshold",
        type=click.IntRange(1, 200),
        metavar="FRAMES",
        help="alignatt: a word that is as likely as not must end so far before the newest sound "
        "(frames of 20 ms); likelier words less far.",
    ),
    click.option(
        "--beams",
        type=click.IntRange(1, 10),
        metavar="N",
        help="Width of the beam search for what is stored and for live words in doubt; other live "
        "words are decoded greedily.",
    ),
    click.option(
        "--min-chunk",
        type=click.FloatRange(0.1, 10),
        metavar="SECONDS",
        help="New sound between two steps of decoding.",
    ),
    click.option(
        "--audio-max-len",
        type=click.FloatRange(4, 26),
        metavar="SECONDS",
        help="Sound that is decoded at once; older sound is dropped.",
    ),
    click.option(
        "--never-fire",
        is_flag=True,
        help="Hold back the last word while nothing follows it: it may be incomplete.",
    ),
    click.option(
        "--context-tokens",
        type=click.IntRange(0, 200),
        metavar="N",
        help="Tokens of older text in the prompt, which scrolls on.",
    ),
    click.option(
        "--static-prompt",
        default="",
        metavar="TEXT",
        help="Stays in the prompt, in front of the older text.",
    ),
    click.option(
        "--confidence-validation",
        type=click.FloatRange(0, 1),
        metavar="P",
        help="local-agreement: words of a higher probability stand at once, but for the last.",
    ),
    click.option(
        "--buffer-trimming",
        type=click.Choice(TRIMMINGS),
        default=TRIMMINGS[0],
        show_default=True,
        help="local-agreement: where sound beyond the maximal length is cut off.",
    ),
)


def decoding_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; `command` gets them all as one keyword argument, `wishes`."""

    @functools.wraps(command)
    def collected(**values: Any) -> Any:
        decoding = Decoding(**{f.name: values.pop(f.name) for f in fields(Decoding)})
        return command(wishes=Wishes(values.pop("policy"), decoding), **values)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected


def with_settings(decoding: Decoding) -> Decoding:
    """`decoding` with the preset of the settings, unless the command line names one."""
    if decoding.preset != "auto":
        return decoding
    return replace(decoding, preset=settings().recognition.preset)


def steady(decoding: Decoding) -> Decoding:
    """`decoding` with a preset that depends neither on the machine nor on the settings."""
    chosen = BALANCED.preset if decoding.preset == "auto" else decoding.preset
    return replace(decoding, preset=chosen)


def arguments(decoding: Decoding) -> list[str]:
    """The command line that gives `decoding`."""
    usual = Decoding()
    given: list[str] = []
    for field in fields(Decoding):
        value = getattr(decoding, field.name)
        if value != getattr(usual, field.name):
            given.append(f"--{field.name.replace('_', '-')}")
            given.extend([] if value is True else [str(value)])
    return given
