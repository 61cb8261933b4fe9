"""What can be translated here, over a real model store and real meetings."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app import live as live_module
from app.core.errors import PairMissingError, TranslationError
from app.core.events import FinalCaption, Translation, TranslationEdited
from app.core.paths import Paths
from app.core.settings import Settings, TranslationSettings, save_settings
from app.gui.adapters import RealServices
from app.gui.rows import TranslationPlan, Wish
from app.gui.threads import QtThreadHost
from app.session.store import SessionStore

if TYPE_CHECKING:
    from pathlib import Path

    from app.meeting import MeetingRequest


@pytest.fixture
def services(tmp_path: Path) -> RealServices:
    return RealServices(Paths(tmp_path / "data", tmp_path / "models"), QtThreadHost())


def package(services: RealServices, source: str, target: str) -> Path:
    """A package as the store keeps it, without a model that could be loaded."""
    folder = services.paths.models / f"argos-{source}-{target}"
    folder.mkdir(parents=True)
    meta = {"from_code": source, "to_code": target}
    (folder / "metadata.json").write_text(json.dumps(meta), encoding="utf-8")
    for name in ("model.bin", "config.json", "sentencepiece.model", "shared_vocabulary.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


def meeting(services: RealServices, *events: Translation | TranslationEdited) -> str:
    session = SessionStore(services.paths.meetings).create("Talk", "mic", "base", "ko")
    with session:
        session.record(FinalCaption(0, 0, 0.0, 2.0, "안녕하세요", "ko", ()))
        for event in events:
            session.record(event)
        session.finish(2.0)
    return session.id


def test_packages_are_listed_with_their_languages_and_licences(services: RealServices) -> None:
    rows = {row.name: row for row in services.models.translations()}
    assert rows["argos-zh-en"].pair == ("zh", "en")
    assert rows["argos-en-pb"].pair == ("en", "pt-BR")
    assert rows["argos-zh-en"].licence == "CC-BY-4.0"
    assert not any(row.installed for row in rows.values())
    assert "NonCommercial" in rows["nllb-600M"].conditions
    assert all(row.size_mb > 10 for row in rows.values())
    assert "base" not in rows


def test_what_is_missing_is_named_with_what_to_fetch(services: RealServices) -> None:
    plan = TranslationPlan(("zh",), ("en", "ko"), "argos", "base")
    found = {row.target: row for row in services.translators.obstacles(plan)}
    assert [row.name for row in found["en"].missing] == ["argos-zh-en"]
    assert [row.name for row in found["ko"].missing] == ["argos-zh-en", "argos-en-ko"]
    assert "Chinese" in found["en"].problem


def test_what_is_installed_is_in_nobodys_way(services: RealServices) -> None:
    package(services, "ko", "en")
    plan = TranslationPlan(("ko",), ("en",), "argos", "base")
    assert services.translators.obstacles(plan) == []
    found = services.translators.obstacles(replace(plan, targets=("pt",)))
    assert [row.name for row in found[0].missing] == ["argos-en-pt"], "only the second half"


def test_nllb_is_offered_where_it_is_the_engine(services: RealServices) -> None:
    plan = TranslationPlan(("ko",), ("zu",), "nllw", "base")
    found = services.translators.obstacles(plan)
    assert [row.name for row in found[0].missing] == ["nllb-600M"]


def test_engines_offer_what_they_know(services: RealServices) -> None:
    assert services.translators.languages("whisper") == ["en"]
    assert {"en", "ko", "pt-BR", "zh-Hant"} <= set(services.translators.languages("argos"))
    assert len(services.translators.languages("nllw")) > 190


def test_a_meeting_begins_without_what_cannot_be_translated(
    services: RealServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(services, "ko", "en")
    settings = TranslationSettings(server_url="http://box.example/v1", server_model="m")
    save_settings(services.paths.settings, Settings(translation=settings))
    made: list[MeetingRequest] = []
    monkeypatch.setattr(live_module, "LiveMeeting", lambda request, *_others: made.append(request))
    wish = Wish("mic", "", "base", "ko", "Talk", targets=("en", "zu"), translator="argos")
    services.live(wish, lambda _event: None)
    translation = made[0].translation
    assert translation is not None
    assert (translation.targets, translation.engine) == (("en",), "argos")
    assert translation.server.url == "http://box.example/v1"


def test_a_saved_meeting_has_its_translations_and_languages(services: RealServices) -> None:
    told = Translation(0, "en", "Hello", final=True)
    found = services.meetings.read(meeting(services, told, TranslationEdited(0, "pt", "Olá")))
    assert found.spoken == ("ko",)
    assert found.translated == ["en", "pt"]
    assert [t.text for t in found.lines[0].translations] == ["Hello", "Olá"]
    assert [t.edited for t in found.lines[0].translations] == [False, True]


def test_a_correction_is_kept(services: RealServices) -> None:
    made = meeting(services, Translation(0, "en", "Hallo", final=True))
    services.meetings.tell(made, TranslationEdited(0, "en", "Hello"))
    assert services.meetings.read(made).lines[0].translations[0].text == "Hello"


def test_an_export_has_the_text_that_was_chosen(services: RealServices, tmp_path: Path) -> None:
    made = meeting(services, Translation(0, "en", "Hello", final=True))
    path = tmp_path / "out.srt"
    for text, said in (("source", "안녕하세요"), ("en", "Hello"), ("both", "안녕하세요\nHello")):
        services.meetings.export(made, "srt", path, text)
        assert path.read_text(encoding="utf-8").split("\n", 2)[2].strip() == said
    with pytest.raises(TranslationError):
        services.meetings.export(made, "srt", path, "zu")


def test_a_saved_meeting_without_a_package_says_what_is_missing(services: RealServices) -> None:
    made = meeting(services)
    with pytest.raises(PairMissingError) as said:
        services.meetings.translate(made, ("en",), "argos", lambda _share: None, lambda: False)
    assert "argos-ko-en" in said.value.hint
    assert services.meetings.read(made).translated == []
