"""What can translate on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.errors import PairMissingError, TranslationError
from app.modelstore.store import ModelStore
from app.translate import installed as installed_module
from app.translate.installed import (
    argos_engine,
    engine_named,
    installed_engine,
    installed_translations,
    models_for,
    nllb_engine,
)
from app.translate.nllb import NllbEngine
from app.translate.server import ServerAccess
from tests.modelstore.models import write_model
from tests.modelstore.packages import package
from tests.translate.random_models import write_nllb


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "models")
    write_model(tmp_path / "models" / "whisper")
    return store


def add_package(store: ModelStore, folder: Path, source: str, target: str) -> None:
    described = json.dumps({"from_code": source, "to_code": target}).encode()
    path = folder / f"{source}-{target}.argosmodel"
    path.write_bytes(package(metadata=described))
    store.add_package(path)


def test_models_are_listed_by_pair(store: ModelStore, tmp_path: Path) -> None:
    add_package(store, tmp_path, "de", "en")
    add_package(store, tmp_path, "en", "pb")
    store.add(write_nllb(tmp_path / "nllb"), "nllb-600M")
    found = installed_translations(store)
    assert [(each.name, each.title, each.target) for each in found] == [
        ("argos-de-en", "German to English", "en"),
        ("argos-en-pb", "English to Portuguese (BR)", "pt-BR"),
        ("nllb-600M", "200 languages", ""),
    ]
    assert all(each.complete and each.size > 0 for each in found)


def test_packages_come_before_nllb(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed_module, "nllw_is_installed", lambda: False)
    assert nllb_engine(store) is None
    engine = installed_engine(store)
    with pytest.raises(PairMissingError) as caught:
        engine.check("de", "fr")
    assert "argos-de-en" in caught.value.hint
    add_package(store, tmp_path, "de", "en")
    store.add(write_nllb(tmp_path / "nllb"), "mine")
    engine = installed_engine(store)
    argos_engine(store).check("de", "en")
    assert engine._fitting("de", "en").name == "argos"
    assert engine._fitting("de", "fr").name == "nllb"
    assert isinstance(nllb_engine(store), NllbEngine)
    assert engine.pair("de", "fr").translate("wie geht es ihnen")
    assert engine.growing("de", "fr") is None
    with pytest.raises(PairMissingError):
        engine.check("de", "la")
    engine.close()


def test_damaged_models_do_not_count(store: ModelStore, tmp_path: Path) -> None:
    add_package(store, tmp_path, "de", "en")
    (tmp_path / "models" / "argos-de-en" / "model.bin").write_bytes(b"")
    assert not installed_translations(store)[0].complete
    with pytest.raises(PairMissingError):
        installed_engine(store).check("de", "en")


def test_engines_by_name(store: ModelStore, tmp_path: Path) -> None:
    assert engine_named("auto", store).name == "auto"
    assert engine_named("argos", store).name == "argos"
    with pytest.raises(TranslationError, match="No NLLB model") as caught:
        engine_named("nllw", store)
    assert "pull nllb-600M" in caught.value.hint
    store.add(write_nllb(tmp_path / "nllb"), "nllb-600M")
    assert engine_named("nllw", store).name in {"nllw", "nllb"}
    access = ServerAccess("http://localhost:1/v1", "small")
    assert engine_named("server", store, access).name == "server"
    with pytest.raises(TranslationError, match="address"):
        engine_named("server", store)


def test_what_to_pull_for_a_pair() -> None:
    assert models_for("de", "pt-BR") == (("argos-de-en", "argos-en-pb"), ("nllb-600M",))
    assert models_for("yo", "zu") == (("nllb-600M",),)
