from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import StorageError
from app.core.settings import (
    OverlaySettings,
    Range,
    RecognitionSettings,
    Settings,
    load_settings,
    save_settings,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def test_without_a_file_there_are_defaults_and_no_problem(path: Path) -> None:
    loaded = load_settings(path)
    assert (loaded.settings, loaded.problems) == (Settings(), ())


def test_every_default_is_allowed() -> None:
    for topic in fields(Settings):
        values = getattr(Settings(), topic.name)
        for field in fields(values):
            assert field.metadata["range"].allows(getattr(values, field.name)), field.name


def test_what_is_saved_is_loaded(path: Path) -> None:
    settings = Settings(
        recognition=RecognitionSettings(model="tiny.en", language="ko", threads=4),
        overlay=OverlaySettings(visible=False, opacity=0.0, place=(10, -20, 300, 80)),
    )
    save_settings(path, settings)
    loaded = load_settings(path)
    assert (loaded.settings, loaded.problems) == (settings, ())


@pytest.mark.parametrize(
    ("topic", "name", "value"),
    [
        ("overlay", "font_size", 9),
        ("overlay", "font_size", 73),
        ("overlay", "font_size", "22"),
        ("overlay", "font_size", None),
        ("overlay", "font_size", True),
        ("overlay", "opacity", 1.01),
        ("overlay", "opacity", float("nan")),
        ("overlay", "visible", "yes"),
        ("overlay", "place", [1, 2, 3]),
        ("capture", "source", "telepathy"),
        ("recognition", "threads", 0),
        ("general", "theme", ["dark"]),
    ],
)
def test_a_bad_value_becomes_its_default_and_the_others_stay(
    path: Path, topic: str, name: str, value: object
) -> None:
    content: dict[str, dict[str, object]] = {"recognition": {"model": "mine"}}
    content.setdefault(topic, {})[name] = value
    _write(path, content)
    loaded = load_settings(path)
    assert loaded.settings == Settings(recognition=RecognitionSettings(model="mine"))
    assert loaded.problems == (f"The setting {topic}.{name} was not understood and was reset",)


@pytest.mark.parametrize(("value", "expected"), [(1, 1.0), (0, 0.0), (0.25, 0.25)])
def test_whole_numbers_are_numbers(path: Path, value: float, expected: float) -> None:
    _write(path, {"overlay": {"opacity": value}})
    loaded = load_settings(path)
    assert (loaded.settings.overlay.opacity, loaded.problems) == (expected, ())


def test_a_topic_that_is_no_object_is_reset_and_told(path: Path) -> None:
    _write(path, {"overlay": 5})
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.problems == ("The settings of overlay were not understood and were reset",)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b"null", b"[" * 100_000],
    ids=["empty", "torn", "binary", "list", "null", "deep"],
)
def test_an_unreadable_file_gives_defaults_and_a_problem(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.problems == ("The settings file settings.json cannot be read",)


def test_a_folder_in_place_of_the_file_gives_defaults_and_a_problem(path: Path) -> None:
    path.mkdir()
    assert load_settings(path).problems


def test_a_byte_order_mark_does_no_harm(path: Path) -> None:
    path.write_text('{"overlay": {"lines": 4}}', encoding="utf-8-sig")
    loaded = load_settings(path)
    assert (loaded.settings.overlay.lines, loaded.problems) == (4, ())


def test_keys_that_we_do_not_own_are_kept(path: Path) -> None:
    _write(path, {"overlay": {"shadow": 3, "lines": 4}, "cloud": {"url": "x"}, "version": 7})
    loaded = load_settings(path)
    overlay = replace(loaded.settings.overlay, lines=5)
    save_settings(path, replace(loaded.settings, overlay=overlay), loaded.unknown)
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert saved["cloud"] == {"url": "x"}
    assert (saved["overlay"]["shadow"], saved["overlay"]["lines"]) == (3, 5)
    assert saved["version"] == 1


def test_saving_makes_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    save_settings(path, Settings())
    assert load_settings(path).problems == ()


def test_odd_text_can_be_saved(path: Path) -> None:
    odd = Settings(recognition=RecognitionSettings(model="m\ud800", language="auto"))
    save_settings(path, odd)
    assert load_settings(path).settings.recognition.model == "m?"


def test_a_failed_save_is_told_and_leaves_the_old_file(path: Path) -> None:
    save_settings(path, Settings())
    before = path.read_bytes()
    with pytest.raises(StorageError, match="cannot be saved"):
        save_settings(path / "below-a-file" / "settings.json", Settings())
    with pytest.raises(TypeError):
        save_settings(path, Settings(), {"odd": object()})
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir() if item.is_file()] == ["settings.json"]


@pytest.mark.parametrize(
    ("limits", "value", "allowed"),
    [
        (Range("x", low=1, high=2), 1, True),
        (Range("x", low=1, high=2), 2.5, False),
        (Range("x", low=1), 1e9, True),
        (Range("x", high=1), 2, False),
        (Range("x", choices=("a", "b")), "b", True),
        (Range("x", choices=("a", "b")), "c", False),
        (Range("x", low=1), True, True),
        (Range("x"), "anything", True),
    ],
)
def test_ranges(limits: Range, value: object, *, allowed: bool) -> None:
    assert limits.allows(value) is allowed
