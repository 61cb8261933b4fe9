from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import StorageError
from app.core.events import FinalCaption, LanguageDetected
from app.export import FORMATS, ExportDocument, document_of, write_export
from app.notes.notes import save_notes
from app.session.store import SessionStore
from tests.export.documents import DOCUMENTS, KOREAN, document, plain, spoken
from tests.session.limits import largest_file, needs_limits


def _json(doc: ExportDocument) -> Any:
    return json.loads(FORMATS["json"].render(doc))


def test_there_are_five_formats() -> None:
    assert list(FORMATS) == ["json", "srt", "vtt", "txt", "rttm"]
    for name, export_format in FORMATS.items():
        assert (export_format.name, export_format.suffix) == (name, f".{name}")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("doc", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_format_is_a_pure_text_file(name: str, doc: ExportDocument) -> None:
    text = FORMATS[name].render(doc)
    assert text == FORMATS[name].render(doc)
    assert "\r" not in text
    assert text == "" or text.endswith("\n")
    text.encode()


def test_json_tells_everything() -> None:
    line = spoken(4, 1.0, "Good morning.")
    content = _json(document(line, notes="# Notes"))
    assert (content["format"], content["version"], content["notes"]) == ("captionist", 1, "# Notes")
    assert content["meeting"] == {
        "title": "Weekly",
        "started": "2026-11-20T14:30:05+09:00",
        "duration": 3600.5,
        "language": "en",
    }
    [told] = content["lines"]
    assert told["words"] == [
        {"text": word.text, "start": word.start, "end": word.end, "probability": 0.9}
        for word in line.words
    ]
    assert {k: v for k, v in told.items() if k != "words"} == {
        "utterance": 4, "start": 1.0, "end": line.end, "text": "Good morning.",
        "language": "en", "edited": False, "speaker": None, "also": [], "translations": [],
    }  # fmt: skip


def test_json_of_a_file_has_no_start() -> None:
    content = _json(ExportDocument("talk.wav", None, 1.0, "", ()))
    assert content["meeting"]["started"] is None
    assert (content["lines"], content["notes"]) == ([], "")


def test_json_is_readable_for_people() -> None:
    assert KOREAN in FORMATS["json"].render(document(plain(0, 0, 1, KOREAN)))


def test_txt_is_heading_lines_and_notes() -> None:
    doc = document(plain(0, 0, 1, "One\ntwo."), plain(1, 1, 2, "Three."), notes="\n- do it\n")
    assert FORMATS["txt"].render(doc) == (
        "Weekly\n2026-11-20 14:30\n\nOne two.\nThree.\n\nNotes\n\n- do it\n"
    )


def test_txt_without_a_title_is_only_what_was_said() -> None:
    doc = ExportDocument("", None, 2.0, "en", (plain(0, 0, 1, "One."), plain(1, 1, 2, "Two.")))
    assert FORMATS["txt"].render(doc) == "One.\nTwo.\n"
    assert FORMATS["txt"].render(ExportDocument("", None, 2.0, "en", ())) == ""


def test_a_stored_meeting_becomes_a_document(tmp_path: Path) -> None:
    store = SessionStore(tmp_path)
    with store.create("Weekly", "mic", "base", "auto") as session:
        session.record(LanguageDetected("ko", 0.9))
        session.record(FinalCaption(0, 0, 0.0, 1.0, KOREAN, "ko", ()))
        save_notes(session.folder, "note")
        session.finish(9.5)
    doc = document_of(store.read(session.id))
    assert (doc.title, doc.started, doc.duration) == ("Weekly", session.info.started, 9.5)
    assert (doc.language, doc.notes, [line.text for line in doc.lines]) == ("ko", "note", [KOREAN])


@pytest.mark.parametrize(("chosen", "language"), [("auto", ""), ("en", "en")])
def test_the_language_is_the_chosen_one_if_none_was_detected(
    tmp_path: Path, chosen: str, language: str
) -> None:
    store = SessionStore(tmp_path)
    with store.create("", "mic", "", chosen) as session:
        assert document_of(store.read(session.id)).language == language


def test_what_was_translated_is_english(tmp_path: Path) -> None:
    with SessionStore(tmp_path).create("", "mic", "base", "ko", "translate") as session:
        session.record(LanguageDetected("ko", 0.9))
    assert document_of(SessionStore(tmp_path).read(session.id)).language == "en"


def test_an_export_replaces_a_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.srt"
    write_export(path, "old\n")
    write_export(path, "새 파일\n")
    assert path.read_bytes() == "새 파일\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_follows_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.touch()
    link.symlink_to(target)
    write_export(link, "x")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "x"


@pytest.mark.skipif(os.name == "nt", reason="devices of POSIX")
def test_a_device_is_written_to_and_never_replaced() -> None:
    write_export(Path(os.devnull), "x")
    assert Path(os.devnull).is_char_device()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is a folder") as told:
        write_export(tmp_path, "x")
    assert told.value.hint


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist") as told:
        write_export(tmp_path / "gone" / "out.srt", "x")
    assert told.value.hint
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="does not exist"):
        write_export(tmp_path / "file" / "out.srt", "x")


@needs_limits
def test_a_full_disk_leaves_the_old_export(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write_export(path, "old")
    with largest_file(10), pytest.raises(StorageError, match="cannot be written"):
        write_export(path, "new" * 100)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_an_unwritable_folder_is_told() -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_export(Path("/proc/out.srt"), "x")
