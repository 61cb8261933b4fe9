"""`captionist soak`: does recognition cost the same after hours as at the start?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from app.cli.options import chosen_language, chosen_model, recognition_options
from app.platforms.process import prepare_process

MOST_GROWTH_MB = 20.0
MOST_GROWTH_COST = 0.2
_READINGS = 24


@click.command()
@recognition_options
@click.option(
    "--hours",
    type=click.FloatRange(min=0.01),
    default=1.0,
    show_default=True,
    help="Hours of sound to hear; a tenth to a third of that is needed.",
)
@click.option(
    "--faults",
    is_flag=True,
    help="A recorded meeting of both sources with pauses, gaps, device changes, bursts and "
    "forgetting, without a model.",
)
def soak(*, model: str | None, language: str | None, hours: float, faults: bool) -> None:
    """Hear HOURS of speech, silence and noise at full speed and say what grows.

    Leaves with 1 if memory grows by more than 20 MB or the cost by more than 20 % an hour.
    """
    prepare_process()
    if faults:
        _with_faults(hours)
    from app.bench.manifest import Recording
    from app.bench.run import load_samples
    from app.bench.soak import Reading, Soak, slopes
    from app.core.paths import default_paths
    from app.core.resources import resource
    from app.meeting import MeetingRequest, model_for, recognition_for
    from app.speech.transcribe.decoding import BALANCED

    request = MeetingRequest(
        "soak",
        model=chosen_model(model),
        language=chosen_language(language),
        save=False,
        decoding=BALANCED,
    )
    recognition = recognition_for(request, model_for(request, default_paths()))

    def tell(reading: Reading) -> None:
        minutes = reading.audio / 60
        click.echo(
            f"{reading.end / 60:6.1f} min  {reading.memory:6.1f} MB  "
            f"{reading.cpu / minutes:5.2f} CPU s a minute  "
            f"{60 * reading.cpu / max(reading.spoken, 1.0):5.2f} a minute of speech  "
            f"{reading.words} words"
        )

    try:
        recognition.live.open()
        recognition.revise.open()
        clip = load_samples(Recording(resource("selftest.flac"), "en", ""))
        readings = Soak(recognition, clip).run(hours * 3600, hours * 3600 / _READINGS, tell)
    finally:
        recognition.live.close()
        recognition.revise.close()
    growth = slopes(readings)
    click.echo(f"An hour adds {growth.memory:.1f} MB and {growth.cost:+.1%} to the cost.")
    sys.exit(1 if growth.memory > MOST_GROWTH_MB or growth.cost > MOST_GROWTH_COST else 0)


def _with_faults(hours: float) -> NoReturn:
    """In a temporary folder; leaves as `soak` does."""
    import tempfile

    from app.bench.soak import Reading, slopes
    from app.core.paths import Paths
    from app.drill.endurance import Endurance, Mark
    from app.live import LiveMeeting
    from app.meeting import MeetingRequest
    from app.pipeline.runner import PlainThreadHost

    def tell(mark: Mark) -> None:
        click.echo(
            f"{mark.end / 60:6.1f} min  {mark.memory:6.1f} MB  "
            f"{60 * mark.cpu / mark.audio:5.2f} CPU s a minute"
        )

    endurance = Endurance()
    with tempfile.TemporaryDirectory(prefix="captionist-soak-") as folder:
        paths = Paths(Path(folder), Path(folder) / "models")
        request = MeetingRequest("mic+system", model="scripted", language="en")
        marks = endurance.run(
            lambda publish: LiveMeeting(request, paths, PlainThreadHost(), publish),
            hours * 3600,
            hours * 3600 / _READINGS,
            tell,
        )
    tally = endurance.tally
    growth = slopes([Reading(m.end, m.memory, m.cpu, m.audio, m.audio, 0) for m in marks])
    did = ", ".join(f"{count} x {kind}" for kind, count in sorted(tally.done.items()))
    click.echo(f"Done to it: {did}. It told of {tally.gaps} gaps.")
    for failure in tally.failed:
        click.echo(f"captionist: {failure}", err=True)
    click.echo(f"An hour adds {growth.memory:.1f} MB and {growth.cost:+.1%} to the cost.")
    grown = growth.memory > MOST_GROWTH_MB or growth.cost > MOST_GROWTH_COST
    sys.exit(1 if grown or tally.failed else 0)
