"""A web server on this machine that plays the Hub and a package index, and misbehaves on demand."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class FakeServer:
    """`pages` by path: (content type, body). `cuts`: after how many bytes to hang up, once each.

    `asked` collects (path, headers) of all requests.
    """

    url: str = ""
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    ranges: bool = True
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def serve(self, path: str, body: bytes, content_type: str = "application/x") -> str:
        self.pages[path] = (content_type, body)
        return self.url + path

    def serve_index(self, project: str, files: dict[str, str], *, html: bool = False) -> None:
        """List `files` (address -> SHA-256 or "") as the simple API's page of `project`."""
        if html:
            rows = [f'<a href="{url}#sha256={sha}">x</a>' for url, sha in files.items()]
            self.serve(f"/simple/{project}/", "\n".join(rows).encode(), "text/html")
            return
        listed = [
            {"filename": url.rpartition("/")[2], "url": url, "hashes": {"sha256": sha}}
            for url, sha in files.items()
        ]
        body = json.dumps({"files": listed}).encode()
        self.serve(f"/simple/{project}/", body, "application/vnd.pypi.simple.v1+json")

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def headers(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.asked if asked == path]


@contextmanager
def running() -> Iterator[FakeServer]:
    fake = FakeServer()

    class Handler(_Handler):
        server_side = fake

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing waits for them
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server_side: FakeServer

    def do_GET(self) -> None:
        fake = self.server_side
        fake.asked.append((self.path, dict(self.headers)))
        if self.path in fake.redirects:
            self.send_response(302)
            self.send_header("Location", fake.redirects[self.path])
            self.end_headers()
        elif self.path in fake.pages:
            self._send(*fake.pages[self.path])
        else:
            self.send_error(404)

    def _send(self, content_type: str, body: bytes) -> None:
        start = 0
        wanted = self.headers.get("Range", "")
        if wanted and self.server_side.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        cuts = self.server_side.cuts.get(self.path)
        end = start + cuts.pop(0) if cuts else len(body)
        self.wfile.write(body[start:end])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's name
        """Say nothing: the test asks `asked`."""
