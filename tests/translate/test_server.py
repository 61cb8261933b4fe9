"""A server that translates, over a real connection to this machine, well or badly behaved."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.core.errors import PairMissingError, TranslationError
from app.translate.server import ServerAccess, ServerEngine, access_of, checked


class FakeModel:
    """`answer` gets the handler and does what it likes; `asked` collects paths, bodies, headers."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, Any, dict[str, str]]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = says("Hello everybody.")
        self.released = threading.Event()
        self.at_once = 0
        self.most_at_once = 0


def says(content: object, status: int = 200) -> Callable[[BaseHTTPRequestHandler], None]:
    body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
    return sends(body, status)


def sends(body: bytes, status: int = 200) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def running() -> Iterator[FakeModel]:
    fake = FakeModel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.at_once += 1
            fake.most_at_once = max(fake.most_at_once, fake.at_once)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.asked.append((self.path, body, dict(self.headers)))
            try:
                fake.answer(self)
            except OSError:
                self.close_connection = True
            finally:
                fake.at_once -= 1

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Iterator[FakeModel]:
    with running() as fake:
        yield fake


def translate(server: FakeModel, text: str = "大家好。", **options: Any) -> str:
    access = ServerAccess(server.url, "small", **options)
    return ServerEngine(access).pair("zh", "pt-BR").translate(text, "ignored")


def test_a_good_answer_is_the_translation(server: FakeModel) -> None:
    assert translate(server, key="secret-key") == "Hello everybody."
    ((path, body, headers),) = server.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret-key"
    assert body["model"] == "small"
    assert body["messages"][1] == {"role": "user", "content": "大家好。"}
    assert "Chinese into Portuguese (BR)" in body["messages"][0]["content"]
    assert body["stream"] is False


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/chat/completions"])
def test_the_address_may_end_where_people_end_it(server: FakeModel, path: str) -> None:
    access = ServerAccess(server.url + path, "small")
    ServerEngine(access).pair("zh", "en").translate("好")
    assert server.asked[0][0] == "/api/v1/chat/completions"
    assert "Authorization" not in server.asked[0][2]


@pytest.mark.parametrize("text", ["", " ", "...", "😀", "123"])
def test_without_words_nobody_is_asked(server: FakeModel, text: str) -> None:
    assert translate(server, text) == text
    assert not server.asked


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("<think>The user says hi.</think>\n\nHello", "Hello"),
        ("<THINKING>a\nb</THINKING>Hello <think>c</think>there", "Hello there"),
        ("thoughts without a beginning</think>Hello", "Hello"),
        ('"Hello"', "Hello"),
        ("«Hello»", "Hello"),
        ("Hello\nthere\x00\x1b", "Hello there"),
        ('He said "no"', 'He said "no"'),
    ],
)
def test_what_surrounds_the_translation_is_dropped(content: str, kept: str) -> None:
    assert checked(content, "大家好。") == kept


def test_quotation_marks_that_were_said_stay() -> None:
    assert checked('"Yes"', '"是"') == '"Yes"'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (says(""), "empty"),
        (says("  \n "), "empty"),
        (says("<think>it never ends"), "empty"),
        (says("blah " * 500), "far more"),
        (says("<!DOCTYPE html><html>"), "web page"),
        (says(None), "no translation"),
        (says({"text": "x"}), "no translation"),
        (sends(b"<html>busy</html>"), "no translation"),
        (sends(b"{}"), "no translation"),
        (sends(b'{"choices": []}'), "no translation"),
        (sends(b"[" * 100_000), "no translation"),
        (sends(b"\xff\xfe"), "no translation"),
        (sends(b""), "no translation"),
        (sends(b"x", 500), "500 Internal Server Error"),
        (sends(b"x", 503), "503"),
        (sends(b"x", 401), "401"),
        (sends(b"x", 404), "404"),
        (sends(b"x", 302), "302"),
    ],
)
def test_nonsense_is_one_sentence(
    server: FakeModel, answer: Callable[[BaseHTTPRequestHandler], None], said: str
) -> None:
    server.answer = answer
    with pytest.raises(TranslationError, match=said) as caught:
        translate(server, key="secret-key")
    assert "secret-key" not in str(caught.value) + caught.value.hint
    assert "\n" not in str(caught.value)


def hangs(server: FakeModel) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda _handler: (server.released.wait(20), None)[1]


def trickles(server: FakeModel) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not server.released.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    return answer


@pytest.mark.parametrize("manner", [hangs, trickles])
def test_a_server_that_never_ends_is_given_up_in_time(server: FakeModel, manner: Any) -> None:
    server.answer = manner(server)
    began = time.monotonic()
    with pytest.raises(TranslationError, match=r"did not answer within 0\.3 seconds"):
        translate(server, seconds=0.3)
    assert time.monotonic() - began < 1.5
    server.released.set()


def test_a_server_that_hangs_up(server: FakeModel) -> None:
    server.answer = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(TranslationError, match="cannot be reached"):
        translate(server)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    engine = ServerEngine(ServerAccess(url, "small"))
    with pytest.raises(TranslationError, match="cannot be reached") as caught:
        engine.pair("zh", "en").translate("好")
    assert "runs" in caught.value.hint


def test_one_request_at_a_time(server: FakeModel) -> None:
    engine = ServerEngine(ServerAccess(server.url, "small"))
    pair = engine.pair("zh", "en")
    threads = [threading.Thread(target=pair.translate, args=("好",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 6
    assert server.most_at_once == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:11434",
        "ftp://host/v1",
        "http://",
        "http://host:port",
        "http://host:99999",
        "http://ho st/v1",
        "http://host/v1?x=1",
        "http://me:secret@host/v1",
        "http://[::1",
        "http://höst/v1",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_cannot_be_right(url: str) -> None:
    with pytest.raises(TranslationError, match="address cannot be used") as caught:
        ServerEngine(ServerAccess(url, "small"))
    assert "http://localhost:11434/v1" in caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_model_is_needed_and_a_key_is_one_line() -> None:
    with pytest.raises(TranslationError, match="name of a model"):
        ServerEngine(ServerAccess("http://localhost", " "))
    with pytest.raises(TranslationError, match="key") as caught:
        ServerEngine(ServerAccess("http://localhost", "small", key="a\r\nX: y"))
    assert "X: y" not in str(caught.value)


def test_the_key_comes_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SERVER_KEY", " secret\n")
    access = access_of("http://localhost", "small", "MY_SERVER_KEY", 5.0)
    assert (access.key, access.seconds) == ("secret", 5.0)
    assert access_of("http://localhost", "small", "", 5.0).key == ""
    monkeypatch.delenv("MY_SERVER_KEY")
    with pytest.raises(TranslationError, match="MY_SERVER_KEY"):
        access_of("http://localhost", "small", "MY_SERVER_KEY", 5.0)


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(ServerAccess("http://localhost", "small", key="secret"))


@pytest.mark.parametrize(
    ("host", "leaves"),
    [("localhost", False), ("127.0.0.1", False), ("[::1]", False), ("192.168.1.5", True)],
)
def test_whether_text_leaves_the_machine(host: str, leaves: bool) -> None:
    engine = ServerEngine(ServerAccess(f"http://{host}:8080", "small"))
    assert engine.leaves_machine is leaves
    assert engine.host == host.strip("[]")


def test_into_itself_nothing_is_translated() -> None:
    with pytest.raises(PairMissingError):
        ServerEngine(ServerAccess("http://localhost", "small")).check("en", "en-GB")
