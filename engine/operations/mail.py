"""Owns the operation `send-mail`: one e-mail by the SMTP server that the environment names."""

import os
import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from engine.errors import ComityError
from engine.operations.definition import ErrorCode, Input, Output, operation
from engine.operations.meeting import OperationCall, OperationError

SERVER_VARIABLE: Final = "COMITY_SMTP"
"""Names the server: `smtp://host:25`, `starttls://user:password@host:587` or `smtps://user:password@host:465`."""

SENDER_VARIABLE: Final = "COMITY_MAIL_FROM"
"""Names the sender's address."""

REFUSED: Final = "MAIL_REFUSED"
"""The code of the error when an address is none, or the server refuses sender, receivers or text for good."""

SECONDS: Final = 30.0
_PORTS: Final = {"smtp": 25, "starttls": 587, "smtps": 465}
_PERMANENT: Final = 500


class NotSetUp(ComityError):
    """The environment does not say by which server, or from whom, e-mails are sent."""


@operation(
    "send-mail",
    title="Send an e-mail",
    help="Sends an e-mail as plain text by the organisation's mail server.",
    inputs=[
        Input("to", "text", "The receiver's address; several separated by commas."),
        Input("subject", "text", "The subject."),
        Input("body", "text", "The text of the e-mail."),
        Input("reply_to", "text", "The address to which answers go.", default=None),
    ],
    outputs=[Output("message_id", "text", "The Message-ID under which the e-mail was sent.")],
    errors=[ErrorCode(REFUSED, "An address is none, or the mail server refuses it or the e-mail for good.")],
)
def send_mail(call: OperationCall, to: str, subject: str, body: str, reply_to: str | None) -> dict[str, str]:
    """Send it. A second try has the same Message-ID, by which mail servers and readers tell that it is the same."""
    server = _server()
    sender = os.environ.get(SENDER_VARIABLE, "").strip()
    if not sender:
        raise NotSetUp(f"No sender is set up: set {SENDER_VARIABLE} to an address.")
    message = EmailMessage()
    message["From"], message["To"] = sender, _addresses(to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(call.now)
    message["Message-ID"] = f"<{call.key}@{sender.rpartition('@')[2].strip('<> ')}>"
    message["Auto-Submitted"] = "auto-generated"
    if reply_to:
        message["Reply-To"] = _addresses(reply_to)
    message.set_content(body, cte="quoted-printable")
    try:
        with _connected(server) as connection:
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        told = {address: (code, _text(said)) for address, (code, said) in refused.recipients.items()}
        if any(code < _PERMANENT for code, _ in told.values()):
            raise
        texts = "; ".join(f"{address}: {said}" for address, (_, said) in told.items())
        raise OperationError(REFUSED, f"The mail server refuses {texts}.") from refused
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        if refused.smtp_code < _PERMANENT:
            raise
        raise OperationError(REFUSED, f"The mail server refuses the e-mail: {_text(refused.smtp_error)}.") from refused
    return {"message_id": str(message["Message-ID"])}


def _server() -> SplitResult:
    address = os.environ.get(SERVER_VARIABLE, "").strip()
    if not address:
        raise NotSetUp(f"No mail server is set up: set {SERVER_VARIABLE}, for instance to smtp://localhost:25.")
    found = urlsplit(address)
    if found.scheme not in _PORTS or not found.hostname:
        raise NotSetUp(f"{SERVER_VARIABLE} has to begin with smtp://, starttls:// or smtps:// and name a host.")
    if found.username and found.scheme == "smtp":
        raise NotSetUp(f"{SERVER_VARIABLE} names a user without encryption: use starttls:// or smtps://.")
    return found


def _connected(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    connection: smtplib.SMTP
    if server.scheme == "smtps":
        connection = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    else:
        connection = smtplib.SMTP(host, port, timeout=SECONDS)
    try:
        if server.scheme == "starttls":
            connection.starttls(context=ssl.create_default_context())
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection


def _addresses(text: str) -> list[Address]:
    found: list[Address] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            address = Address(addr_spec=part)
        except (ValueError, IndexError, MessageError):
            address = None
        if address is None or not address.username or "." not in address.domain.strip("."):
            raise OperationError(REFUSED, f"{part[:80]!r} is no e-mail address.")
        found.append(address)
    if not found:
        raise OperationError(REFUSED, "There is no receiver.")
    return found


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]
