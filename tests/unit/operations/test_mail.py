"""The operation `send-mail`, against a mail server of the test's own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_string

import pytest

from engine.operations import OperationCall, OperationError
from engine.operations.mail import NotSetUp, send_mail

CALL = OperationCall("key-1", "C-000001", datetime(2026, 3, 2, 8, 0, tzinfo=UTC), 1)


class Sink:
    """A mail server that takes everything down; `answers` are what it says instead, by the command's first word."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.letters: list[str] = []
        self.answers: dict[str, str] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):  # closed before
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rw", newline="\r\n", encoding="utf-8") as stream:
                self._talk(stream)

    def _talk(self, stream: "object") -> None:
        def say(text: str) -> None:
            stream.write(text + "\r\n")  # type: ignore[attr-defined]
            stream.flush()  # type: ignore[attr-defined]

        say("220 sink")
        for line in stream:  # type: ignore[attr-defined]
            said = line.strip()
            self.heard.append(said)
            word = said.split()[0].upper()
            if word in self.answers:
                say(self.answers[word])
            elif word == "DATA":
                say("354 go on")
                letter: list[str] = []
                while (part := stream.readline().rstrip("\r\n")) != ".":  # type: ignore[attr-defined]
                    letter.append(part)
                self.letters.append("\n".join(letter))
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    made = Sink()
    monkeypatch.setenv("COMITY_SMTP", f"smtp://127.0.0.1:{made.port}")
    monkeypatch.setenv("COMITY_MAIL_FROM", "desk@comity.example")
    yield made
    made.close()


def send(to: str = "ida@example.org", subject: str = "Your need", reply_to: str | None = None) -> dict[str, str]:
    found = send_mail.run(CALL, to=to, subject=subject, body="Grüße\nfrom us", reply_to=reply_to)
    assert isinstance(found, dict)
    return found


def test_an_e_mail_is_sent_with_the_key_as_its_id(sink: Sink) -> None:
    assert send("ida@example.org, otto@example.org", reply_to="ann@comity.example") == {
        "message_id": "<key-1@comity.example>"
    }
    (letter,) = sink.letters
    message = message_from_string(letter)
    assert message["To"] == "ida@example.org, otto@example.org"
    assert (message["From"], message["Reply-To"]) == ("desk@comity.example", "ann@comity.example")
    assert (message["Subject"], message["Message-ID"]) == ("Your need", "<key-1@comity.example>")
    assert message["Date"] == "Mon, 02 Mar 2026 08:00:00 +0000"
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode() == "Grüße\nfrom us"
    # Commands may be written large or small: Python's versions differ.
    assert [line.lower() for line in sink.heard if line.lower().startswith("rcpt")] == [
        "rcpt to:<ida@example.org>",
        "rcpt to:<otto@example.org>",
    ]


def test_a_subject_cannot_bring_headers_in(sink: Sink) -> None:
    send(subject="Your need\r\nBcc: spy@example.org")
    assert message_from_string(sink.letters[0])["Bcc"] is None
    assert message_from_string(sink.letters[0])["Subject"] == "Your need Bcc: spy@example.org"


@pytest.mark.parametrize(
    "to", ["nobody", "a b@example.org", "ida@example", "@example.org", " , ", "a@b.c\r\nBcc: x@y.z"]
)
def test_what_is_no_address_is_an_error_for_the_model(sink: Sink, to: str) -> None:
    with pytest.raises(OperationError) as refused:
        send(to)
    assert refused.value.code == "MAIL_REFUSED"
    assert sink.letters == []


def test_a_receiver_that_is_refused_for_good_is_an_error_for_the_model(sink: Sink) -> None:
    sink.answers["RCPT"] = "550 no such person"
    with pytest.raises(OperationError, match="no such person") as refused:
        send()
    assert refused.value.code == "MAIL_REFUSED"


@pytest.mark.parametrize("word", ["RCPT", "MAIL"])
def test_what_is_refused_for_now_is_tried_again(sink: Sink, word: str) -> None:
    sink.answers[word] = "451 later"
    with pytest.raises(Exception, match="later") as refused:
        send()
    assert not isinstance(refused.value, OperationError)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("", "No mail server is set up"),
        ("http://localhost", "has to begin with"),
        ("smtp://", "name a host"),
        ("smtp://ann:secret@localhost", "without encryption"),
    ],
)
def test_where_it_is_not_set_up_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch, server: str, said: str) -> None:
    monkeypatch.setenv("COMITY_SMTP", server)
    monkeypatch.setenv("COMITY_MAIL_FROM", "desk@comity.example")
    with pytest.raises(NotSetUp, match=said) as refused:
        send()
    assert "secret" not in str(refused.value)


def test_a_sender_is_needed(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMITY_MAIL_FROM")
    with pytest.raises(NotSetUp, match="COMITY_MAIL_FROM"):
        send()
    assert sink.heard == []


def test_a_server_that_is_away_is_a_failure(sink: Sink) -> None:
    sink.close()
    with pytest.raises(OSError, match="refused"):
        send()
