"""The queue that puts a peer on the virtual clock."""

from __future__ import annotations

import asyncio

from tests.peers.whisperlivekit_bench import ArrivalQueue


class Cpu:
    """CPU time that is used only when a test says so."""

    def __init__(self) -> None:
        self.used = 0.0

    def __call__(self) -> float:
        return self.used


async def fill(queue: ArrivalQueue, cpu: Cpu, hearing: float) -> None:
    for number in (1, 2, 3, 4):
        queue.sound_arrives(number)
        cpu.used += hearing
        await queue.put(f"sound {number}")


async def taken(queue: ArrivalQueue) -> list[str]:
    """One piece of sound and what else has arrived by then, as the peer takes it."""
    return [await queue.get(), *[await queue.get() for _ in range(len(queue._queue))]]


def test_sound_that_arrives_during_work_is_taken_together() -> None:
    async def work() -> list[list[str]]:
        cpu = Cpu()
        queue = ArrivalQueue(lambda _: None, cpu)
        await fill(queue, cpu, hearing=0.0)
        first = await taken(queue)
        cpu.used += 2.5
        return [first, await taken(queue), await taken(queue)]

    assert asyncio.run(work()) == [["sound 1"], ["sound 2", "sound 3"], ["sound 4"]]


def test_moments_are_those_of_the_sound_and_of_the_work_of_both_workers() -> None:
    told: list[float] = []

    async def work() -> None:
        cpu = Cpu()
        queue = ArrivalQueue(told.append, cpu)
        await fill(queue, cpu, hearing=0.25)
        for _ in range(2):
            await queue.get()
            cpu.used += 0.5
        queue.report()

    asyncio.run(work())
    assert told == [0.0, 1.75, 2.75]
