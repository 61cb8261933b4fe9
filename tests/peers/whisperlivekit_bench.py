"""WhisperLiveKit with its SimulStreaming policy, measured as `captionist bench` measures us.

The same recordings, clock, normaliser, word times and rows. What runs is the peer's own: its
`AudioProcessor` with voice activity detection and queues; only one queue is ours, which hands out
sound when it has arrived on the virtual clock. As in the peer, hearing and recognition are two
workers, each with a clock that its CPU time moves on. Not counted, in the peer's favour: reading
the file, logging, and what is built for its page every 50 ms. It stores what it has committed.

It needs an environment of its own, with PyTorch's build for the CPU, made in this project's folder:

    python3 -m venv peer
    peer/bin/pip install torch==2.13.0 whisperlivekit==0.2.26 '.[bench]'

The encoder is the installed model, in CTranslate2's format, which is the peer's own choice too; the
decoder is PyTorch's, from OpenAI's checkpoint of the same model, named after it (`tiny.en.pt`):

    peer/bin/python -m tests.peers.whisperlivekit_bench FOLDER \\
        --model tiny.en --weights tiny.en.pt --json peer.json
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections import deque
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.core.clock import VirtualClock
from app.core.errors import AppError
from app.core.events import Word
from app.platforms.usage import cpu_seconds, peak_memory_mb

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.bench.manifest import Recording
    from app.bench.run import Bench, Heard

RATE = 16000
BLOCK = 640
"""Samples in what is sent at a time: 40 ms, the peer's own step."""
WARM_UP = 5 * RATE
BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class Wishes:
    """`frame_threshold` in frames of 20 ms; `coalesce`: seconds of new sound before it decodes.

    `context` is how many tokens of earlier text it decodes with, None its own limit, 448: after a
    minute or two that is most of the work of a step, and on slow machines it then falls behind.
    """

    frame_threshold: int
    coalesce: float
    context: int | None


class WorkerClock:
    """The virtual time of one worker: what it does takes the CPU time that the process uses."""

    def __init__(self, cpu: Callable[[], float]) -> None:
        self._cpu = cpu
        self._clock = VirtualClock()
        self._seen = cpu()

    def begin(self, moment: float) -> None:
        """Free until `moment`, then at work."""
        self._clock.wait_until(moment)
        self._seen = self._cpu()

    def now(self) -> float:
        used = self._cpu()
        self._clock.spend(used - self._seen)
        self._seen = used
        return self._clock.now()


class ArrivalQueue:
    """In place of the queue between the peer's hearing and its recognition.

    First filled with all of a recording, each item with the moment at which hearing has done with
    it; then emptied: whoever asks gets what has arrived by then, or waits. `told` is called with
    the moment whenever recognition has finished a piece of work.
    """

    def __init__(
        self, told: Callable[[float], object], cpu: Callable[[], float] = cpu_seconds
    ) -> None:
        self._told = told
        self._cpu = cpu
        self._hearing = WorkerClock(cpu)
        self._recognition: WorkerClock | None = None
        self._coming: deque[tuple[float, Any]] = deque()
        self._queue: deque[Any] = deque()  # the peer looks into it, under this name

    def sound_arrives(self, moment: float) -> None:
        self._hearing.begin(moment)

    async def put(self, item: Any) -> None:
        self._coming.append((self._hearing.now(), item))

    async def get(self) -> Any:
        now = self.report()
        if not self._queue and self._coming[0][0] > now:
            now = self._coming[0][0]
            self._clock().begin(now)
        while self._coming and self._coming[0][0] <= now:
            self._queue.append(self._coming.popleft()[1])
        return self._queue.popleft()

    def task_done(self) -> None:
        """Nobody waits for the queue to be worked off."""

    def report(self) -> float:
        """Tell what recognition has found by now, and when that is."""
        now = self._clock().now()
        self._told(now)
        return now

    def _clock(self) -> WorkerClock:
        if self._recognition is None:
            self._recognition = WorkerClock(self._cpu)
        return self._recognition


class Peer:
    """WhisperLiveKit, loaded once; its API has no types, hence Any."""

    def __init__(self, folder: Path, weights: Path, language: str, wishes: Wishes) -> None:
        logging.disable(logging.INFO)  # it logs every step
        import_module("torch").set_num_threads(1)
        heads = import_module("whisperlivekit.whisper")._ALIGNMENT_HEADS
        self._engine = import_module("whisperlivekit.core").TranscriptionEngine(
            lan=language,
            pcm_input=True,
            warmup_file="",
            backend_policy="simulstreaming",
            encoder_model_path=str(folder),
            decoder_model_path=str(weights),
            custom_alignment_heads=heads[weights.stem].decode(),
            frame_threshold=wishes.frame_threshold,
            asr_coalesce_min_s=wishes.coalesce,
            max_context_tokens=wishes.context,
        )
        self._session: Any = import_module("whisperlivekit.audio_processor").AudioProcessor

    async def hear(self, pcm: bytes) -> Heard:
        """Run `pcm`, mono 16 bit at 16 kHz, through a session of its own."""
        from app.bench.run import Heard

        session = self._session(transcription_engine=self._engine)
        words: list[tuple[Word, float]] = []
        queue = ArrivalQueue(lambda moment: _take_words(session.state, words, moment))
        session.transcription_queue = queue
        before = cpu_seconds()
        for start in range(0, len(pcm), BLOCK * BYTES_PER_SAMPLE):
            message = pcm[start : start + BLOCK * BYTES_PER_SAMPLE]
            queue.sound_arrives(_seconds(start + len(message)))
            await session.process_audio(message)
        await session.process_audio(b"")
        await session.transcription_processor()
        queue.report()
        text = "".join(word.text for word, _ in words)
        return Heard(words, text, _seconds(len(pcm)), cpu_seconds() - before)


def _take_words(state: Any, words: list[tuple[Word, float]], moment: float) -> None:
    """Take what was committed; marks of long silences are no words."""
    for token in state.new_tokens:
        if getattr(token, "text", ""):
            word = Word(token.text, token.start, token.end, token.probability or 0.0)
            words.append((word, moment))
    state.new_tokens.clear()


def _seconds(size: int) -> float:
    return size / BYTES_PER_SAMPLE / RATE


def _pcm(recording: Recording) -> bytes:
    import numpy as np

    from app.bench.run import load_samples

    scaled = np.rint(load_samples(recording) * 32768).clip(-32768, 32767)
    return scaled.astype("<i2").tobytes()


@click.command()
@click.argument("manifest", type=click.Path(path_type=Path))
@click.option("--model", required=True, help="Installed model: the encoder, and the word times.")
@click.option(
    "--weights",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="OpenAI's checkpoint of the same model, such as tiny.en.pt.",
)
@click.option("--language", default="en", show_default=True, help="Only these recordings.")
@click.option("--limit", type=click.IntRange(min=1), help="The first N recordings.")
@click.option("--frame-threshold", type=int, default=25, show_default=True, help="Of 20 ms each.")
@click.option("--coalesce", type=float, default=0.0, help="Seconds of new sound before decoding.")
@click.option("--context", type=click.IntRange(min=0), help="Tokens of earlier text, at most.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also as JSON.")
def main(
    *,
    manifest: Path,
    model: str,
    weights: Path,
    language: str,
    limit: int | None,
    frame_threshold: int,
    coalesce: float,
    context: int | None,
    json_path: Path | None,
) -> None:
    """Measure WhisperLiveKit on MANIFEST, a refs.tsv or its folder."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and models are loaded
    wishes = Wishes(frame_threshold, coalesce, context)
    try:
        found = _measure(_recordings(manifest, language, limit), model, weights, wishes)
    except AppError as exc:
        raise click.ClickException(str(exc)) from exc
    text = json.dumps(found, indent=1) + "\n"
    click.echo(text, nl=False)
    if json_path is not None:
        json_path.write_text(text, encoding="utf-8")


def _recordings(manifest: Path, language: str, limit: int | None) -> list[Recording]:
    from app.bench.manifest import read_manifest

    found = [r for r in read_manifest(manifest) if r.language == language][:limit]
    if not found:
        raise AppError(f"{manifest} has no recording in {language}")
    return found


def _measure(
    recordings: list[Recording], model: str, weights: Path, wishes: Wishes
) -> dict[str, Any]:
    from app.bench.run import Bench, Setup
    from app.core.paths import default_paths
    from app.modelstore.store import ModelStore

    folder = ModelStore(default_paths().models).locate(model)
    peer = Peer(folder, weights, recordings[0].language, wishes)
    heard = asyncio.run(_hear_all(peer, [_pcm(recording) for recording in recordings]))
    peak = peak_memory_mb()
    bench = Bench(default_paths(), Setup(model))
    return {
        "peer": f"whisperlivekit {version('whisperlivekit')}",
        "frame_threshold": wishes.frame_threshold,
        "coalesce_s": wishes.coalesce,
        "context_tokens": wishes.context,
        "model": model,
        **_judged(bench, recordings, heard),
        "rss_mb": peak,
    }


async def _hear_all(peer: Peer, sounds: list[bytes]) -> list[Heard]:
    """In one loop, as a server does it: its worker threads keep memory of their own."""
    await peer.hear(sounds[0][: WARM_UP * BYTES_PER_SAMPLE])
    return [await peer.hear(pcm) for pcm in sounds]


def _judged(bench: Bench, recordings: list[Recording], heard: list[Heard]) -> dict[str, Any]:
    from app.bench.table import row_of, totals

    results = [bench.judge(*pair) for pair in zip(recordings, heard, strict=True)]
    return {"files": [row_of(result) for result in results], "total": totals(results)}


if __name__ == "__main__":
    main()
