"""Finding a wheel as pip on this machine would."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from app.core.errors import DownloadError
from app.modelstore.index import find_wheel
from app.modelstore.manifest import Wheel
from app.modelstore.pipconfig import DEFAULT_INDEX, pip_config
from app.modelstore.web import Web
from tests.modelstore.models import fingerprint
from tests.modelstore.server import FakeServer

WHEEL = Wheel("My_Models", fingerprint("my_models-1.0-py3-none-any.whl", b"wheel"), ())
PAGE = "/simple/my-models/"


def web() -> Web:
    return Web(lambda: False)


@pytest.mark.parametrize("html", [True, False])
def test_both_forms_of_the_simple_api_are_understood(index: FakeServer, html: bool) -> None:
    other = "../../files/my_models-0.9-py3-none-any.whl"
    place = f"../../files/{WHEEL.file.name}"
    index.serve_index("my-models", {other: "", place: WHEEL.file.sha256}, html=html)
    found = find_wheel(web(), (f"{index.url}/simple/",), WHEEL)
    assert found.url == f"{index.url}/files/{WHEEL.file.name}"


def test_the_first_index_that_has_it_wins(hub: FakeServer, index: FakeServer) -> None:
    index.serve_index("my-models", {f"{index.url}/{WHEEL.file.name}": ""})
    found = find_wheel(web(), (f"{hub.url}/simple", f"{index.url}/simple"), WHEEL)
    assert found.url.startswith(index.url)
    assert hub.paths() == [PAGE]


def test_an_index_may_be_a_folder(tmp_path: Path) -> None:
    page = tmp_path / "simple" / "my-models" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="{WHEEL.file.name}">x</a>')
    page.with_name(WHEEL.file.name).write_bytes(b"wheel")
    remote = find_wheel(web(), ((tmp_path / "simple").as_uri(),), WHEEL)
    web().download(remote, tmp_path / "got", lambda _held: None)
    assert (tmp_path / "got").read_bytes() == b"wheel"


def test_a_server_cannot_send_us_to_our_own_files(index: FakeServer, tmp_path: Path) -> None:
    index.serve_index("my-models", {(tmp_path / WHEEL.file.name).as_uri(): ""})
    with pytest.raises(DownloadError, match="does not have"):
        find_wheel(web(), (f"{index.url}/simple",), WHEEL)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"files": [{}]}', b'{"files": null}'])
def test_a_page_that_is_no_page_is_an_error(index: FakeServer, body: bytes) -> None:
    index.serve(PAGE, body, "application/vnd.pypi.simple.v1+json")
    with pytest.raises(DownloadError, match="not understood"):
        find_wheel(web(), (f"{index.url}/simple",), WHEEL)


def test_credentials_go_to_the_indexes_host_and_to_no_other(
    index: FakeServer, hub: FakeServer, tmp_path: Path
) -> None:
    ours = f"{index.url}/{WHEEL.file.name}"
    address = index.url.replace("//", "//me:pass%21@") + "/simple"
    index.serve(f"/{WHEEL.file.name}", b"wheel")
    index.serve_index("my-models", {ours: ""})
    web().download(find_wheel(web(), (address,), WHEEL), tmp_path / "got", lambda _held: None)
    expected = "Basic " + base64.b64encode(b"me:pass!").decode()
    assert [headers["Authorization"] for _, headers in index.asked] == [expected, expected]
    index.serve_index("my-models", {f"{hub.url}/{WHEEL.file.name}": ""})
    assert "me:" not in find_wheel(web(), (address,), WHEEL).url


def test_without_configuration_the_public_index_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL")
    assert pip_config().indexes == (DEFAULT_INDEX,)


def test_pips_file_is_read_and_variables_override_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex_url = https://one.test/simple\nproxy = http://proxy.test\n"
        "extra-index-url = https://two.test\n    https://three.test\n[install]\ncert = /ca.pem\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.delenv("PIP_INDEX_URL")
    config = pip_config()
    assert config.indexes == ("https://one.test/simple", "https://two.test", "https://three.test")
    assert (config.proxy, config.ca_file) == ("http://proxy.test", "/ca.pem")
    monkeypatch.setenv("PIP_INDEX_URL", "https://four.test")
    assert pip_config().indexes[0] == "https://four.test"


def test_indexes_can_be_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert pip_config().indexes == ()
    with pytest.raises(DownloadError, match="no package index"):
        find_wheel(web(), (), WHEEL)


def test_a_broken_file_of_pip_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("index-url = without a section")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_INDEX_URL", "https://one.test")
    assert pip_config().indexes == ("https://one.test",)
