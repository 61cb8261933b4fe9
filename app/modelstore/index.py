"""Finds a wheel in a Python package index: the simple API, as JSON (PEP 691) or HTML (PEP 503)."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

from app.core.errors import DownloadCancelledError, DownloadError
from app.modelstore.web import Remote, refused, reported, without_credentials

if TYPE_CHECKING:
    from app.modelstore.manifest import Sdist, Wheel
    from app.modelstore.web import Web

PATIENCE_S = 20.0
_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_LARGEST_PAGE = 32 << 20


@dataclass(frozen=True, slots=True)
class Link:
    """A file of a project: its address and its SHA-256, "" if the index does not give one."""

    url: str
    sha256: str

    @property
    def filename(self) -> str:
        return unquote(urlsplit(self.url).path.rpartition("/")[2])


def find_wheel(web: Web, indexes: tuple[str, ...], wheel: Wheel | Sdist) -> Remote:
    """The wheel's place in the first index that has it.

    Raises DownloadError, or ModelCorruptError if an index has other bytes under this name.
    """
    failures: list[str] = []
    for index in indexes:
        try:
            return _find(web, index, wheel)
        except DownloadCancelledError:
            raise
        except DownloadError as exc:
            failures.append(str(exc))
    raise DownloadError("; ".join(failures) or "pip is configured to use no package index")


def _find(web: Web, index: str, wheel: Wheel | Sdist) -> Remote:
    origin = f"the package index {_host(index)}"
    page = _page_address(index, wheel.project)
    with closing(web.open(page, {"Accept": _ACCEPT}, origin, PATIENCE_S)) as answer:
        with reported(origin):
            body = answer.read(_LARGEST_PAGE)
        base = answer.geturl() or page
        links = _links(body, answer.headers.get("Content-Type", ""), base)
    for link in links:
        if link.filename == wheel.file.name and _may_follow(index, link.url):
            if link.sha256 not in {"", wheel.file.sha256}:
                raise refused(wheel.file.name, origin)
            return Remote(_authorised(index, link.url), wheel.file, origin, PATIENCE_S)
    raise DownloadError(f"{origin} does not have {wheel.file.name}")


def _page_address(index: str, project: str) -> str:
    page = f"{index.rstrip('/')}/{re.sub(r'[-_.]+', '-', project).lower()}/"
    return f"{page}index.html" if urlsplit(index).scheme == "file" else page


def _may_follow(index: str, url: str) -> bool:
    """A server must not make us read files of this machine."""
    scheme = urlsplit(url).scheme
    return scheme in {"http", "https"} or scheme == urlsplit(index).scheme


def _authorised(index: str, url: str) -> str:
    """Files on the index's own host are fetched with the index's credentials, as pip does."""
    bare, credentials = without_credentials(index)
    theirs = urlsplit(url)
    if not credentials or urlsplit(bare).netloc != theirs.netloc:
        return url
    userinfo = urlsplit(index).netloc.rpartition("@")[0]
    return urlunsplit(theirs._replace(netloc=f"{userinfo}@{theirs.netloc}"))


def _links(body: bytes, content_type: str, base: str) -> list[Link]:
    if "json" in content_type:
        return _json_links(body, base)
    parser = _Anchors(base)
    parser.feed(body.decode("utf-8", errors="replace"))
    return parser.links


def _json_links(body: bytes, base: str) -> list[Link]:
    try:
        page: Any = json.loads(body)
        return [
            Link(urljoin(base, file["url"]), str(file.get("hashes", {}).get("sha256", "")))
            for file in page["files"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise DownloadError(f"{_host(base)} sent a page that is not understood") from exc


class _Anchors(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._base = base

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if not href:
            return
        if tag == "base":
            self._base = urljoin(self._base, href)
        elif tag == "a":
            url, fragment = urldefrag(urljoin(self._base, href))
            name, _, value = fragment.partition("=")
            self.links.append(Link(url, value if name == "sha256" else ""))


def _host(url: str) -> str:
    parts = urlsplit(without_credentials(url)[0])
    return parts.netloc or parts.path
