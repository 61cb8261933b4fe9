"""Pack the frozen bundle as a Debian package: `python installer/build_deb.py [BUNDLE [OUT]]`.

Build the bundle first (`pyinstaller build.spec`). Needs dpkg-deb. Prints the package's path.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from app import __version__  # noqa: E402

CONTROL = """\
Package: captionist
Version: {version}
Architecture: {architecture}
Maintainer: The Captionist authors <captionist@localhost>
Installed-Size: {kilobytes}
Section: sound
Priority: optional
Depends: libc6, {libraries}
Description: live captions, recordings and notes of meetings
 Captions what the microphone or the system plays while it is being said, keeps the recording and
 the text as a meeting, and exports both. Recognition runs on this machine.
"""


def main(arguments: list[str]) -> None:
    bundle = Path(arguments[0]) if arguments else ROOT / "dist" / "captionist"
    out = Path(arguments[1]) if len(arguments) > 1 else ROOT / "dist"
    if not (bundle / "captionist").is_file():
        sys.exit(f"No bundle in {bundle}: run 'pyinstaller build.spec' first.")
    architecture = subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()
    package = out / f"captionist_{__version__}_{architecture}.deb"
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch, "captionist")
        _lay_out(bundle, tree)
        _write_control(tree, architecture)
        pack = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", str(tree), str(package)]
        subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)
    print(package)  # noqa: T201


def _lay_out(bundle: Path, tree: Path) -> None:
    shutil.copytree(bundle, tree / "opt" / "captionist", symlinks=True)
    command = tree / "usr" / "bin" / "captionist"
    command.parent.mkdir(parents=True)
    command.symlink_to("/opt/captionist/captionist")
    share = tree / "usr" / "share"
    _place(HERE / "captionist.desktop", share / "applications")
    _place(ROOT / "resources/icons/captionist.svg", share / "icons/hicolor/scalable/apps")
    _place(ROOT / "LICENSE", share / "doc/captionist")


def _place(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copy(file, folder)


def _write_control(tree: Path, architecture: str) -> None:
    size = sum(file.lstat().st_size for file in tree.rglob("*"))
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir()
    text = CONTROL.format(
        version=__version__,
        architecture=architecture,
        kilobytes=size // 1024 + 1,
        libraries=", ".join((HERE / "debian-packages.txt").read_text(encoding="utf-8").split()),
    )
    control.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
