from __future__ import annotations

import json
import os
import sys
import zlib
from pathlib import Path

import pytest

from app.core.clock import VirtualClock
from app.core.errors import DiskFullError, StorageError
from app.core.events import (
    CaptionEdited,
    Event,
    StageChanged,
    StageState,
    TurnsFound,
    Word,
    WordsCommitted,
)
from app.session.journal import (
    Journal,
    is_lasting,
    read_journal,
    repair_journal,
    to_line,
)
from tests.core.samples import SAMPLES

FACTS: list[Event] = [event for event in SAMPLES if is_lasting(event)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def _damaged(path: Path) -> bytes:
    aside = path.with_name("journal.damaged.jsonl")
    return aside.read_bytes() if aside.exists() else b""


def test_facts_come_back_in_order(path: Path) -> None:
    journal = Journal(path)
    for fact in FACTS:
        journal.append(fact)
    journal.close()
    contents = read_journal(path)
    assert (contents.events, contents.damaged, contents.unknown) == (FACTS, [], 0)


def test_only_lasting_facts_are_worth_a_record() -> None:
    passing = {"PreviewChanged", "LevelMeasured", "AudioSaved", "RunMeasured"}
    assert {type(e).__name__ for e in SAMPLES if not is_lasting(e)} == passing
    assert not is_lasting(StageChanged("vad", StageState.RUNNING))
    assert is_lasting(StageChanged("vad", StageState.FAILED))
    assert not is_lasting(TurnsFound(0.0, 1.0, (), final=False))


def test_a_record_is_the_systems_at_once(path: Path) -> None:
    journal = Journal(path)
    journal.append(FACTS[0])
    assert read_journal(path).events == [FACTS[0]]
    journal.close()


def test_a_journal_is_gone_on_with(path: Path) -> None:
    for fact in FACTS:
        journal = Journal(path)
        journal.append(fact)
        journal.close()
    assert read_journal(path).events == FACTS


def test_a_missing_journal_is_empty(path: Path) -> None:
    assert repair_journal(path).events == []
    assert not path.exists()


def test_odd_text_is_kept_as_far_as_it_is_text(path: Path) -> None:
    journal = Journal(path)
    journal.append(CaptionEdited(1, 'line\nbreak "q" \u2028 \x00 \ud800 한'))
    journal.append(WordsCommitted(1, (Word(" a", float("nan"), 1.0, float("inf")),)))
    journal.close()
    edit, committed = read_journal(path).events
    assert edit == CaptionEdited(1, 'line\nbreak "q" \u2028 \x00 ? 한')
    assert isinstance(committed, WordsCommitted)


def test_no_whole_record_is_lost_wherever_the_file_is_cut(path: Path) -> None:
    facts = FACTS[2:6]
    lines = [to_line(fact) for fact in facts]
    whole = b"".join(lines)
    ends = [sum(map(len, lines[: i + 1])) for i in range(len(lines))]
    near = {place for end in [0, *ends] for place in range(end - 12, end + 4)}
    cuts = sorted({n for n in near if 0 <= n <= len(whole)} | set(range(0, len(whole), 17)))
    assert len(cuts) >= 80
    for cut in cuts:
        path.write_bytes(whole[:cut])
        # A record that misses only its line end is whole.
        survivors = facts[: sum(end - 1 <= cut for end in ends)]
        assert repair_journal(path).events == survivors, cut
        journal = Journal(path)
        journal.append(CaptionEdited(99, "later"))
        journal.close()
        after = read_journal(path)
        assert after.events == [*survivors, CaptionEdited(99, "later")], cut
        assert after.damaged == [], cut


def test_no_altered_byte_goes_unnoticed_or_harms_other_records(path: Path) -> None:
    lines = [to_line(fact) for fact in FACTS[:3]]
    first, last = len(lines[0]), len(lines[0]) + len(lines[1])
    for place in range(first, last):
        raw = bytearray(b"".join(lines))
        raw[place] ^= 0x21
        path.write_bytes(raw)
        events = read_journal(path).events
        # The line end joins a record to the next one, so that both are unreadable.
        expected = [FACTS[0], FACTS[2]] if place < last - 1 else [FACTS[0]]
        assert events == expected, place


def test_damaged_lines_are_set_aside_and_the_rest_keeps_its_place(path: Path) -> None:
    good = [to_line(fact) for fact in FACTS[:3]]
    noise = b"\x00\x00\xff not json"
    torn = good[1][:20]
    path.write_bytes(good[0] + noise + b"\n" + good[1] + good[2] + torn)
    assert read_journal(path).damaged == [noise, torn]
    assert _damaged(path) == b"", "reading changes nothing"
    assert repair_journal(path).damaged == [noise, torn]
    assert path.read_bytes() == b"".join(good)
    assert _damaged(path) == noise + b"\n" + torn + b"\n"
    assert repair_journal(path).damaged == [], "a second time there is nothing to do"
    assert _damaged(path) == noise + b"\n" + torn + b"\n"


def test_a_kind_of_a_newer_version_stays_where_it_is(path: Path) -> None:
    newer = to_line(FACTS[0]).replace(b'"words"', b'"mood"')
    body = newer[: newer.rindex(b',"crc"')] + b"}"
    newer = b'%s,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))
    path.write_bytes(to_line(FACTS[1]) + newer + to_line(FACTS[2]) + b"torn")
    contents = repair_journal(path)
    assert (contents.events, contents.unknown) == ([FACTS[1], FACTS[2]], 1)
    assert path.read_bytes() == to_line(FACTS[1]) + newer + to_line(FACTS[2])


def test_records_are_synced_within_a_second(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[float] = []
    clock = VirtualClock()
    journal = Journal(path, clock)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: synced.append(clock.now()))
    for moment in (0.2, 0.9, 1.1, 1.3, 2.2):
        clock.wait_until(moment)
        journal.append(FACTS[0])
    assert synced == [1.1, 2.2]
    journal.append(FACTS[0], durable=True)
    assert synced == [1.1, 2.2, 2.2]
    clock.wait_until(9.0)
    journal.sync_if_due()
    assert len(synced) == 3, "nothing new to sync"
    journal.append(FACTS[0])
    journal.close()
    journal.close()
    assert synced[3:] == [9.0]


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_is_told(path: Path) -> None:
    path.symlink_to("/dev/full")
    journal = Journal(path)
    with pytest.raises(DiskFullError, match="journal cannot be written: the disk is full") as told:
        journal.append(FACTS[0])
    assert "kept" in told.value.hint
    journal.close()


def test_a_journal_in_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="journal cannot be written"):
        Journal(tmp_path / "gone" / "journal.jsonl")


def test_an_unreadable_journal_is_told(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StorageError, match="journal cannot be read"):
        read_journal(path)


def _mark(version: object) -> bytes:
    body = json.dumps({"type": "format", "version": version}, separators=(",", ":")).encode()
    return b'%s,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))


def test_a_journal_of_a_newer_version_is_read_and_never_changed(path: Path) -> None:
    path.write_bytes(_mark(2) + to_line(FACTS[0]) + b"torn")
    before = path.read_bytes()
    contents = read_journal(path)
    assert (contents.is_newer, contents.events, contents.unknown) == (True, [FACTS[0]], 0)
    with pytest.raises(StorageError, match="saved by a newer version") as told:
        repair_journal(path)
    assert told.value.hint
    assert (path.read_bytes(), _damaged(path)) == (before, b"")


@pytest.mark.parametrize("version", [1, "x", None])
def test_a_journal_that_names_its_own_format_is_gone_on_with(path: Path, version: object) -> None:
    path.write_bytes(_mark(version) + to_line(FACTS[0]) + b"torn")
    assert repair_journal(path).events == [FACTS[0]]
    assert path.read_bytes() == _mark(version) + to_line(FACTS[0])


def test_nothing_is_set_aside_through_a_link(path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    path.with_name("journal.damaged.jsonl").symlink_to(precious)
    path.write_bytes(b"torn")
    with pytest.raises(StorageError, match="link"):
        repair_journal(path)
    assert (precious.read_bytes(), path.read_bytes()) == (b"mine", b"torn")


def test_a_journal_is_rewritten_whole_or_not_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(path)
    journal.append(FACTS[0])

    def fail(_path: Path, _data: bytes) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr("app.session.journal.write_atomically", fail)
        with pytest.raises(DiskFullError):
            journal.rewrite(lambda _raw: b"")
    journal.append(FACTS[1])
    assert read_journal(path).events == FACTS[:2]
    journal.rewrite(lambda raw: raw + to_line(FACTS[2]))
    journal.append(FACTS[3])
    journal.close()
    assert read_journal(path).events == FACTS[:4]
