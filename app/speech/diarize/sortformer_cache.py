"""What Sortformer remembers of a stream: a queue of recent frames and a cache of typical ones.

Every step shows the model the cache, the queue and the new frames. Frames that leave the queue
join the cache; when that is full, the frames that say most about each speaker stay. The speakers'
order in it is the order in which they were first heard, which keeps their numbers the same.

Source: Medennikov et al., "Streaming Sortformer: Speaker Cache-Based Online Speaker Diarization
with Arrival-Time Ordering" (2025), and its publication in NVIDIA NeMo (`SortformerModules`), with
which the numbers agree. One difference: where frames of the same score compete for the last place,
the earliest stays, while torch's choice depends on its sorting algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.speech.diarize.sortformer_select import highest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.speech.diarize.sortformer_presets import Latency

SPEAKERS = 4
_STRONG, _WEAK = 2.0, 1.0
_EVEN = float(np.log(0.5))


@dataclass(frozen=True, slots=True)
class CacheRules:
    """Under NeMo's names; lengths in frames of 80 ms. These are the published values."""

    spkcache_len: int = 188
    spkcache_sil_frames_per_spk: int = 3
    pred_score_threshold: float = 0.25
    scores_boost_latest: float = 0.05
    sil_threshold: float = 0.2
    strong_boost_rate: float = 0.75
    weak_boost_rate: float = 1.5
    min_pos_scores_rate: float = 0.5

    @property
    def per_speaker(self) -> int:
        """Frames that each speaker is to have in a full cache."""
        return self.spkcache_len // SPEAKERS - self.spkcache_sil_frames_per_spk


class SpeakerCache:
    """The state of one stream: `frames` (S, dim) in the cache, `queue` (F, dim) behind them."""

    def __init__(self, dim: int, latency: Latency, rules: CacheRules) -> None:
        self._latency = latency
        self._rules = rules
        self.frames = np.zeros((0, dim), np.float32)
        self.queue = np.zeros((0, dim), np.float32)
        self._activity: NDArray[np.float32] | None = None  # (S, SPEAKERS) once it was compressed
        self._silence = np.zeros(dim, np.float32)  # the mean of all silent frames
        self._silent = 0

    def update(
        self,
        embeddings: NDArray[np.float32],
        activity: NDArray[np.float32],
        left: int,
        right: int,
    ) -> NDArray[np.float32]:
        """Take in a step: frames (left + n + right, dim), `activity` of cache, queue and frames.

        The `left` and `right` frames are context. Returns the activity of the n new ones,
        (n, SPEAKERS).
        """
        cached, queued, new = len(self.frames), len(self.queue), len(embeddings) - left - right
        at = cached + queued + left
        found = activity[at : at + new]
        heard = np.concatenate([activity[cached : cached + queued], found])
        self.queue = np.concatenate([self.queue, embeddings[left : left + new]])
        if queued + new > self._latency.fifo:
            leaving = max(self._latency.update, new - self._latency.fifo + queued)
            leaving = min(leaving, queued + new)
            self._admit(self.queue[:leaving], heard[:leaving], activity[:cached])
            self.queue = self.queue[leaving:].copy()
        return found

    def _admit(
        self,
        frames: NDArray[np.float32],
        heard: NDArray[np.float32],
        seen: NDArray[np.float32],
    ) -> None:
        """Frames join the cache; `seen` is its activity as this step's model run finds it."""
        self._learn_silence(frames[heard.sum(axis=1) < self._rules.sil_threshold])
        self.frames = np.concatenate([self.frames, frames])
        if self._activity is not None:
            self._activity = np.concatenate([self._activity, heard])
        if len(self.frames) > self._rules.spkcache_len:
            activity = self._activity
            if activity is None:  # the first time
                activity = np.concatenate([seen, heard])
            kept, silent = choose(activity, self._rules)
            self.frames = np.where(silent[:, None], self._silence, self.frames[kept])
            self._activity = np.where(silent[:, None], np.float32(0), activity[kept])

    def _learn_silence(self, frames: NDArray[np.float32]) -> None:
        if not len(frames):
            return
        total = self._silence * np.float32(self._silent) + frames.sum(axis=0)
        self._silent += len(frames)
        self._silence = (total / np.float32(self._silent)).astype(np.float32)


def choose(
    activity: NDArray[np.float32], rules: CacheRules
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Which frames stay: their numbers by speaker and time, (spkcache_len,), and where not a frame
    but the mean silence goes, (spkcache_len,); the number is 0 there."""
    scores = _boosted(_scores(activity, rules), rules)
    reserved = np.full((rules.spkcache_sil_frames_per_spk, SPEAKERS), np.inf, np.float32)
    rows = len(scores) + len(reserved)
    flat = np.concatenate([scores, reserved]).T.reshape(-1)  # speaker by speaker
    best = highest(flat, rules.spkcache_len)
    valid = np.sort(best[np.isfinite(flat[best]) | (flat[best] > 0)])
    kept = np.zeros(rules.spkcache_len, np.intp)
    kept[: len(valid)] = valid % rows
    silent = np.ones(rules.spkcache_len, np.bool_)
    silent[: len(valid)] = kept[: len(valid)] >= len(scores)
    return np.where(silent, 0, kept), silent


def _scores(activity: NDArray[np.float32], rules: CacheRules) -> NDArray[np.float32]:
    """High where one speaker is surely speaking and nobody else; -inf for what is not wanted."""
    floor = np.float32(rules.pred_score_threshold)
    speaking = np.log(np.maximum(activity, floor))
    others_silent = np.log(np.maximum(np.float32(1) - activity, floor))
    total = others_silent.sum(axis=1, keepdims=True)
    scores = speaking - others_silent + total - np.float32(_EVEN)
    scores = np.where(activity > 0.5, scores, -np.inf)
    alone = scores > 0
    enough = alone.sum(axis=0) >= int(rules.per_speaker * rules.min_pos_scores_rate)
    scores = np.where(~alone & enough, -np.inf, scores)
    scores[rules.spkcache_len :] += np.float32(rules.scores_boost_latest)
    return scores.astype(np.float32)


def _boosted(scores: NDArray[np.float32], rules: CacheRules) -> NDArray[np.float32]:
    """Lift each speaker's best frames, so that a talkative one does not crowd out the others."""
    for rate, strength in ((rules.strong_boost_rate, _STRONG), (rules.weak_boost_rate, _WEAK)):
        count = int(rules.per_speaker * rate)
        for speaker in range(SPEAKERS):
            best = highest(scores[:, speaker], count)
            scores[best, speaker] -= np.float32(strength * _EVEN)
    return scores
