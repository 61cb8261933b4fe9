"""Lists of recordings with references, as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bench.manifest import TimedText, read_manifest
from app.core.errors import MediaError

HEADER = "file\tlanguage\ttranscript"


def write(folder: Path, *rows: str, name: str = "refs.tsv") -> Path:
    path = folder / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_folder_stands_for_its_list(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, "a.wav\ten\tgood day", 'b.wav\tko\t안녕 "친구"')
    for given in (tmp_path, path):
        first, second = read_manifest(given)
        assert (first.path, first.language, first.transcript) == (
            tmp_path / "a.wav",
            "en",
            "good day",
        )
        assert second.transcript == '안녕 "친구"'
        assert first.words == first.segments == ()


def test_other_columns_in_any_order_are_ignored(tmp_path: Path) -> None:
    write(tmp_path, "speaker\ttranscript\tfile\tlanguage", "me\thi\ta.wav\ten")
    (recording,) = read_manifest(tmp_path)
    assert (recording.path.name, recording.transcript) == ("a.wav", "hi")


def test_a_list_is_read_whatever_editor_wrote_it(tmp_path: Path) -> None:
    text = f"{HEADER}\r\n a.wav \tEN-us\t hi \r\n\t\t\r\n\r\nb.wav\tKO\t\r\n"
    (tmp_path / "refs.tsv").write_bytes(("\ufeff" + text).encode())
    write(tmp_path, "file\tstart\tend\tword", " a.wav\t 1 \t2\thi", name="words.tsv")
    first, second = read_manifest(tmp_path)
    assert (first.path, first.language, first.transcript) == (tmp_path / "a.wav", "en", "hi")
    assert first.words == (TimedText("hi", 1.0, 2.0),)
    assert (second.path.name, second.language, second.transcript) == ("b.wav", "ko", "")


def test_times_of_words_and_segments_lie_beside_the_sound(tmp_path: Path) -> None:
    write(tmp_path, HEADER, "a.wav\ten\tgood day")
    write(tmp_path, "start\tend\tword", "0.5\t0.9\tgood", "1.0\t1.4\tday", name="a.words.tsv")
    write(tmp_path, "start\tend\ttext", "0.5\t1.4\tgood day", name="a.segments.tsv")
    (recording,) = read_manifest(tmp_path)
    assert recording.words == (TimedText("good", 0.5, 0.9), TimedText("day", 1.0, 1.4))
    assert recording.segments == (TimedText("good day", 0.5, 1.4),)


def test_one_list_of_words_may_serve_several_recordings(tmp_path: Path) -> None:
    write(tmp_path, HEADER, "a.wav\ten\tgood", "b.wav\ten\tday")
    write(tmp_path, "file\tstart\tend\tword", "b.wav\t1\t2\tday", name="words.tsv")
    first, second = read_manifest(tmp_path)
    assert first.words == ()
    assert second.words == (TimedText("day", 1.0, 2.0),)


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"nowhere\.tsv") as told:
        read_manifest(tmp_path / "nowhere.tsv")
    assert "refs.tsv" in told.value.hint


@pytest.mark.parametrize(
    "rows",
    [
        (),
        ("some text",),
        ("file\tlanguage", "a.wav\ten"),
        (HEADER,),
        (HEADER, "a.wav\ten"),
        (HEADER, "\ten\thi"),
    ],
)
def test_what_is_no_list_of_recordings_is_refused(tmp_path: Path, rows: tuple[str, ...]) -> None:
    write(tmp_path, *rows)
    with pytest.raises(MediaError, match=r"refs\.tsv") as told:
        read_manifest(tmp_path)
    assert told.value.hint


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "refs.tsv").write_bytes(bytes(range(256)))
    with pytest.raises(MediaError, match="cannot be read"):
        read_manifest(tmp_path)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    write(tmp_path, HEADER, f"a.wav\ten\t{'hi ' * 50_000}")
    with pytest.raises(MediaError, match="cannot be read"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("a.words.tsv", ("start\tend\tword", "soon\t0.9\tgood")),
        ("a.words.tsv", ("start\tword", "0.5\tgood")),
        ("a.words.tsv", ("start\tend\tword", "0.5\t0.9")),
        ("a.segments.tsv", ("start\tend\tsentence", "0.5\t0.9\tgood")),
        ("words.tsv", ("start\tend\tword", "0.5\t0.9\tgood")),
    ],
)
def test_a_list_of_times_with_a_bad_row_is_named(
    tmp_path: Path, name: str, rows: tuple[str, ...]
) -> None:
    write(tmp_path, HEADER, "a.wav\ten\tgood day")
    write(tmp_path, *rows, name=name)
    with pytest.raises(MediaError) as told:
        read_manifest(tmp_path)
    assert name in str(told.value)
    assert told.value.hint
