"""Reading XML is safe, and says what is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.model.xml import BPMN, XmlRefused, line_of, read_bpmn, read_xml, text_of

_ROOT = f'<definitions xmlns="{BPMN}"><process id="p"/></definitions>'


@pytest.mark.parametrize(
    "head", ["", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-8"?>\n', "\ufeff", "<!-- x -->"]
)
def test_usual_files_are_read(head: str) -> None:
    assert read_bpmn((head + _ROOT).encode())[0].get("id") == "p"


def test_other_encodings_of_one_byte_are_read() -> None:
    content = '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1")
    assert text_of(read_xml(content)) == "é"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"<!DOCTYPE a><a/>", "doctype"),
        (b"  <?x y?><!-- c --><!doctype a><a/>", "doctype"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "doctype"),
        (b"<a>&b;</a>", "not-xml"),
        (b"<a/><b/>", "not-xml"),
        (b"<a", "not-xml"),
        (b"\xff\xfe<\x00a\x00", "encoding"),
        (b'<?xml version="1.0" encoding="IBM037"?><a/>', "encoding"),
        (b"\xc3\x28<a/>", "not-xml"),
        (b"<a>\xc3\x28</a>", "not-xml"),
        (b"<" + b"a" * 100 + b">" + b"<b>" * 300, "not-xml"),
    ],
)
def test_what_is_refused(content: bytes, rule: str) -> None:
    with pytest.raises(XmlRefused) as caught:
        read_xml(content)
    assert caught.value.rule == rule
    assert caught.value.remedy


def test_a_doctype_within_text_is_text() -> None:
    assert text_of(read_xml(b"<a><![CDATA[<!DOCTYPE a>]]></a>")) == "<!DOCTYPE a>"


def test_no_file_is_read_through_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    content = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{secret.as_uri()}">]><a>&b;</a>'
    with pytest.raises(XmlRefused) as caught:
        read_xml(content.encode())
    assert caught.value.rule == "doctype"


def test_lines_are_counted_beyond_what_sixteen_bits_hold() -> None:
    root = read_xml(b"<a>" + b"\n" * 70_000 + b"<b/></a>")
    assert line_of(root[0]) == 70_001


def test_a_fault_names_its_line() -> None:
    with pytest.raises(XmlRefused) as caught:
        read_xml(b"<a>\n\n<b></a>")
    assert caught.value.line == 3
    assert str(caught.value).startswith("Line 3: The file is not well-formed XML: ")


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_a_doctype_is_never_let_through(before: bytes, after: bytes) -> None:
    with pytest.raises(XmlRefused):
        read_xml(before + b"<!DOCTYPE a [" + after + b"]><a/>")
