"""Opens addresses within a time limit, and downloads files so that a cut costs little.

The standard library's HTTP client is used because it is there whichever version of the Hub's
library is installed, and because that library's own downloads can be neither cancelled nor given
up quickly. Certificates are checked against the operating system's store.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import logging
import os
import ssl
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import truststore

from app import __version__
from app.core.errors import DownloadCancelledError, DownloadError, ModelCorruptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.modelstore.manifest import ModelFile

logger = logging.getLogger(__name__)

SILENCE_S = 15.0
"""How long an open connection may deliver nothing."""
ATTEMPTS = 3
_POLL_S = 0.1
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Remote:
    """A file to download: `origin` names the source for people, `authorization` opens it.

    `patience` is how many seconds the first answer may take.
    """

    url: str
    file: ModelFile
    origin: str
    patience: float
    authorization: str = ""


class Web:
    """A client. `proxy` and `ca_file` override what the environment and the system say."""

    def __init__(
        self, cancelled: Callable[[], bool], *, proxy: str = "", ca_file: str = ""
    ) -> None:
        self._cancelled = cancelled
        self._proxy = proxy
        self._ca_file = ca_file
        self._opener: urllib.request.OpenerDirector | None = None

    def check_cancelled(self) -> None:
        """Raises DownloadCancelledError once the user has asked to stop."""
        if self._cancelled():
            raise DownloadCancelledError("The download was cancelled")

    def open(self, url: str, headers: dict[str, str], origin: str, patience: float) -> Any:
        """The answer to a GET, with its body unread; the caller closes it.

        Waits on a thread of its own, because looking up a name or trying one address after
        another knows no time limit. Raises DownloadError.
        """
        answer: Future[Any] = Future()
        request = _request(url, headers)
        threading.Thread(target=self._settle, args=(answer, request), daemon=True).start()
        deadline = time.monotonic() + patience
        while not _done(answer):
            if self._cancelled() or time.monotonic() > deadline:
                answer.add_done_callback(_discard)
                self.check_cancelled()
                raise DownloadError(f"{origin} does not answer")
        with reported(origin):
            return answer.result()

    def _settle(self, answer: Future[Any], request: urllib.request.Request) -> None:
        try:
            answer.set_result(self._director().open(request, timeout=SILENCE_S))
        except Exception as exc:  # noqa: BLE001 -- handed to the waiting thread
            answer.set_exception(exc)

    def _director(self) -> urllib.request.OpenerDirector:
        if self._opener is None:
            proxies = {"http": self._proxy, "https": self._proxy} if self._proxy else None
            self._opener = urllib.request.build_opener(
                urllib.request.ProxyHandler(proxies),
                urllib.request.HTTPSHandler(context=_tls(self._ca_file)),
            )
        return self._opener

    def download(self, remote: Remote, target: Path, progress: Callable[[int], object]) -> None:
        """Make `target` the file that `remote` promises, going on from what it already holds.

        `progress` gets the bytes held so far. Raises DownloadError, and what has arrived stays;
        ModelCorruptError, and `target` is gone; OSError if it cannot be written.
        """
        resumed = size_of(target) > 0
        self._fill(remote, target, progress)
        self.check_cancelled()
        try:
            check_file(target, remote.file, remote.origin)
        except ModelCorruptError:
            if not resumed:
                raise
            logger.info("What was kept of %s does not fit, starting again", remote.file.name)
            self.download(remote, target, progress)

    def _fill(self, remote: Remote, target: Path, progress: Callable[[int], object]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            held = size_of(target)
            try:
                return self._go_on(remote, target, progress)
            except DownloadCancelledError:
                raise
            except DownloadError:
                if attempt == ATTEMPTS or size_of(target) <= held:
                    raise
                logger.info("%s was cut off, going on", remote.file.name)
        return None

    def _go_on(self, remote: Remote, target: Path, progress: Callable[[int], object]) -> None:
        held = size_of(target)
        if held > remote.file.size:
            target.unlink()
            held = 0
        progress(held)
        if held == remote.file.size:
            return
        headers = {"Range": f"bytes={held}-"} if held else {}
        if remote.authorization:
            headers["Authorization"] = remote.authorization
        with closing(self.open(remote.url, headers, remote.origin, remote.patience)) as answer:
            if not _continues(answer, held):
                held = 0
            self._copy(answer, remote, target, held, progress)

    def _copy(
        self,
        answer: Any,
        remote: Remote,
        target: Path,
        held: int,
        progress: Callable[[int], object],
    ) -> None:
        _check_length(answer, remote, held)
        with target.open("ab" if held else "wb") as file:
            while chunk := self._read(answer, remote.origin):
                file.write(chunk)
                held += len(chunk)
                if held > remote.file.size:
                    break  # check_file refuses it
                progress(held)
            file.flush()
            os.fsync(file.fileno())
        if held < remote.file.size:
            raise DownloadError(f"{remote.origin} broke off the download")

    def _read(self, answer: Any, origin: str) -> bytes:
        self.check_cancelled()
        with reported(origin):
            chunk: bytes = answer.read1(_CHUNK)
            return chunk


@contextmanager
def reported(origin: str) -> Iterator[None]:
    """Turns what goes wrong on the network into a DownloadError that names `origin`."""
    try:
        yield
    except urllib.error.HTTPError as exc:
        exc.close()
        raise DownloadError(f"{origin} answers {exc.code} {exc.reason}".rstrip()) from exc
    except TimeoutError as exc:
        raise DownloadError(f"{origin} does not answer") from exc
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise DownloadError(f"{origin} cannot be reached ({_reason(exc)})") from exc


def size_of(path: Path) -> int:
    """Bytes in a file; 0 if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def sha256_of(path: Path, keep_on: Callable[[], object] = lambda: None) -> str:
    """The hash of a file; `keep_on` is called between blocks and raises to stop."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            keep_on()
    return digest.hexdigest()


def check_file(path: Path, expected: ModelFile, origin: str) -> None:
    """Delete the file and raise ModelCorruptError unless it is what the manifest says.

    Of a file whose `sha256` is "" only the size is known.
    """
    if size_of(path) == expected.size and expected.sha256 in {"", sha256_of(path)}:
        return
    path.unlink(missing_ok=True)
    raise refused(expected.name, origin)


def refused(name: str, origin: str) -> ModelCorruptError:
    return ModelCorruptError(
        f"{origin} sent a {name} that is not the official file (size or SHA-256 differ), "
        "so it was refused",
        hint="Try again, if need be from another network: something on the way changes downloads.",
    )


def without_credentials(url: str) -> tuple[str, str]:
    """The address as it may be shown and sent, and the user and password that were in it."""
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, ""
    return urlunsplit(parts._replace(netloc=host)), unquote(userinfo)


def _request(url: str, headers: dict[str, str]) -> urllib.request.Request:
    address, credentials = without_credentials(url)
    plain = {key: value for key, value in headers.items() if key != "Authorization"}
    plain |= {"User-Agent": f"captionist/{__version__}", "Accept-Encoding": "identity"}
    request = urllib.request.Request(address, headers=plain)
    authorization = headers.get("Authorization", "")
    if credentials:
        authorization = f"Basic {base64.b64encode(credentials.encode()).decode()}"
    if authorization:  # not sent on to the host that a redirect names
        request.add_unredirected_header("Authorization", authorization)
    return request


def _tls(ca_file: str) -> ssl.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def _done(answer: Future[Any]) -> bool:
    try:
        answer.exception(timeout=_POLL_S)
    except TimeoutError:
        return answer.done()
    return True


def _discard(answer: Future[Any]) -> None:
    """Close an answer that came after its reader had gone."""
    late = answer.exception() or answer.result()
    if hasattr(late, "close"):
        late.close()


def _continues(answer: Any, held: int) -> bool:
    start = f"bytes {held}-"
    return answer.status == 206 and str(answer.headers.get("Content-Range", "")).startswith(start)


def _check_length(answer: Any, remote: Remote, held: int) -> None:
    length = answer.headers.get("Content-Length")
    if length and length.isdigit() and held + int(length) != remote.file.size:
        raise refused(remote.file.name, remote.origin)


def _reason(exc: object) -> str:
    if isinstance(exc, urllib.error.URLError):
        exc = exc.reason
    return getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
