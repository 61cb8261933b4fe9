"""What is handed to people: a wheel with everything in it, and a bundle that runs by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs import ROOT

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not os.environ.get("CAPTIONIST_FROZEN"), reason="slow: set CAPTIONIST_FROZEN=1"
    ),
]
BUNDLE_LIMIT_MB = 700


def test_the_wheel_holds_every_module_and_resource(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("captionist-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*.py")}
    resources = {
        f"app/{path.relative_to(ROOT)}"
        for path in (ROOT / "resources").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert modules | resources <= packed


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    places = ["--distpath", str(folder / "dist"), "--workpath", str(folder / "work")]
    build = [sys.executable, "-m", "PyInstaller", "--noconfirm", *places, str(ROOT / "build.spec")]
    done = subprocess.run(build, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder / "dist" / "captionist"


@pytest.mark.model
def test_the_bundle_captions_the_clip_and_opens_the_window(
    bundle: Path, tiny_en_store: Path, tmp_path: Path
) -> None:
    environment = {
        "HOME": str(tmp_path),
        "CAPTIONIST_MODELS": str(tiny_en_store),
        "QT_QPA_PLATFORM": "offscreen",
    }
    done = subprocess.run(
        [bundle / "captionist", "--self-test"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_bundle_is_small_and_free_of_torch(
    bundle: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    files = [path for path in bundle.rglob("*") if path.is_file() and not path.is_symlink()]
    assert not [path for path in files if "torch" in path.name.lower()]
    names = {path.name.split(".")[0] for path in files}
    assert {"_kaldi_native_fbank", "onnxruntime_pybind11_state"} <= names  # to tell speakers apart
    assert "_sentencepiece" in names  # to translate
    assert not [path for path in files if path.name in {"nllw", "transformers"}]
    size_mb = sum(path.stat().st_size for path in files) / 1e6
    record_testsuite_property("bundle_mb", round(size_mb))
    assert 100 < size_mb < BUNDLE_LIMIT_MB, f"the bundle has {size_mb:.0f} MB"
