"""README, the checks and the installers speak of the same commands and packages."""

from __future__ import annotations

import re

from app.cli import COMMANDS
from tests.programs import ROOT

TEST_COMMAND = "python -m pip install '.[test]' && python -m pytest"


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_checks_run_readmes_test_command() -> None:
    assert f"```sh\n{TEST_COMMAND}\n```" in _text("README.md")
    assert f"readme_tests() {{ {TEST_COMMAND}; }}" in _text(".ci/run")


def test_readme_installs_the_packages_that_the_checks_install() -> None:
    assert "$(cat installer/debian-packages.txt)" in _text("README.md")
    assert "<installer/debian-packages.txt" in _text(".ci/run")


def test_readme_shows_every_command() -> None:
    shown = set(re.findall(r"^captionist ([a-z]+)", _text("README.md"), re.MULTILINE))
    assert shown == set(COMMANDS)


def test_torch_is_pinned_the_same_everywhere() -> None:
    pins = set(re.findall(r"torch==[\d.]+", _text("pyproject.toml") + _text("constraints.txt")))
    assert len(pins) == 1
