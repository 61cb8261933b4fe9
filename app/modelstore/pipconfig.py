"""Where this machine gets Python packages from, as the user told pip.

pip itself may be absent (in the packaged program, for example), so its files are read here in its
own order: global, user, environment of the interpreter, PIP_CONFIG_FILE, then PIP_* variables.
"""

from __future__ import annotations

import configparser
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

logger = logging.getLogger(__name__)

DEFAULT_INDEX = "https://pypi.org/simple"
_TRUE = {"1", "y", "yes", "t", "true", "on"}


@dataclass(frozen=True, slots=True)
class PipConfig:
    """`indexes` are base addresses in the order to ask; none if the user forbade indexes."""

    indexes: tuple[str, ...]
    proxy: str = ""
    ca_file: str = ""


def pip_config() -> PipConfig:
    """What pip's files and variables say now. Never raises: a broken file is passed over."""
    options: dict[str, str] = {}
    for path in _files():
        options |= _read(path)
    options |= _variables()
    forbidden = options.get("no-index", "").lower() in _TRUE
    first = options.get("index-url", DEFAULT_INDEX)
    indexes = (first, *options.get("extra-index-url", "").split())
    return PipConfig(
        () if forbidden else indexes, options.get("proxy", ""), options.get("cert", "")
    )


def _files() -> list[Path]:
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    folders = _global_folders()
    override = os.environ.get("PIP_CONFIG_FILE")
    if not (override and Path(override).exists()):
        folders += _user_folders()
    files = [folder / name for folder in (*folders, Path(sys.prefix))]
    if override == os.devnull:
        return []
    return [*files, Path(override)] if override else files


def _global_folders() -> list[Path]:
    if sys.platform == "darwin":
        found = platformdirs.site_data_dir("pip", appauthor=False, multipath=True)
    else:
        found = platformdirs.site_config_dir("pip", appauthor=False, multipath=True)
    folders = [Path(part) for part in found.split(os.pathsep)]
    return folders if sys.platform in {"darwin", "win32"} else [*folders, Path("/etc")]


def _user_folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        roaming = platformdirs.user_config_dir("pip", appauthor=False, roaming=True)
        return [home / "pip", Path(roaming)]
    if sys.platform == "darwin":
        own = Path(platformdirs.user_data_dir("pip", appauthor=False))
        return [home / ".pip", own if own.is_dir() else home / ".config" / "pip"]
    return [home / ".pip", Path(platformdirs.user_config_dir("pip", appauthor=False))]


def _read(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (OSError, ValueError, configparser.Error) as exc:
        logger.warning("pip's configuration %s cannot be read: %s", path, exc)
        return {}
    return {
        _option(key): value
        for section in ("global", "install")
        if parser.has_section(section)
        for key, value in parser.items(section)
    }


def _variables() -> dict[str, str]:
    return {
        _option(key.removeprefix("PIP_")): value
        for key, value in os.environ.items()
        if key.startswith("PIP_") and value
    }


def _option(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")
