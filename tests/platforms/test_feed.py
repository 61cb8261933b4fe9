"""The callback never waits, and nothing is dropped unsaid."""

from __future__ import annotations

from app.platforms.feed import Feed, Packet


def _packet(line: int = 0) -> Packet:
    return Packet(line, 0.0, (b"",))


def test_packets_come_out_in_order() -> None:
    feed = Feed()
    packets = [_packet(), _packet()]
    for packet in packets:
        feed.put(packet)

    assert [feed.take(0), feed.take(0), feed.take(0)] == [*packets, None]
    assert feed.is_empty()


def test_beyond_the_limit_is_dropped_and_told_with_the_next_one_of_that_line() -> None:
    feed = Feed(limit=1)
    feed.put(_packet(0))
    feed.put(_packet(0))
    feed.take(0)

    feed.put(_packet(1))
    other = feed.take(0)
    feed.put(_packet(0))
    late = feed.take(0)
    feed.put(_packet(0))
    after = feed.take(0)

    assert [packet.broken for packet in (other, late, after) if packet] == [False, True, False]


def test_what_is_forgotten_does_not_come_out() -> None:
    feed = Feed(limit=1)
    feed.put(_packet())
    feed.put(_packet())

    feed.forget()
    assert feed.is_empty()
    feed.put(_packet())

    packet = feed.take(0)
    assert packet is not None
    assert not packet.broken


def test_an_interrupted_feed_gives_nothing_ever_after() -> None:
    feed = Feed()
    feed.put(_packet())

    feed.interrupt()

    assert feed.interrupted
    assert feed.take(60.0) is None
