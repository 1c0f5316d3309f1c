"""The small Markdown of text components."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.expressions import INSERTION
from forms.markdown import render
from tests.unit.forms.markup import Page


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p>\n<p>three</p>"),
        ("# One\n###### Six", "<h2>One</h2>\n<h4>Six</h4>"),
        ("- a\n* b\ntext", "<ul><li>a</li><li>b</li></ul>\n<p>text</p>"),
        ("1. a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("**bold** *it* _it_ `x*y*z`", "<p><strong>bold</strong> <em>it</em> <em>it</em> <code>x*y*z</code></p>"),
        ("**`a`** *b [`c`](/d)*", '<p><strong><code>a</code></strong> <em>b <a href="/d"><code>c</code></a></em></p>'),
        ("snake_case_name and 2*3*4", "<p>snake_case_name and 2*3*4</p>"),
        ("---", "<hr>"),
        ("[a b](https://example.org/x?y=1&z)", '<p><a href="https://example.org/x?y=1&amp;z">a b</a></p>'),
        ("[mail](mailto:a@b.example) [up](#f-a)", '<p><a href="mailto:a@b.example">mail</a> <a href="#f-a">up</a></p>'),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("[a](//evil.example)", "<p>[a](//evil.example)</p>"),
        ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>"),
        ('[a](/x"onclick="y)', "<p>[a](/x&#34;onclick=&#34;y)</p>"),
        ("<b>&amp;", "<p>&lt;b&gt;&amp;amp;</p>"),
        ("", ""),
    ],
)
def test_marks_become_elements_and_the_rest_is_text(source: str, html: str) -> None:
    assert render(source) == html


def test_values_are_inserted_as_plain_text_and_never_into_addresses() -> None:
    assert render(f"**{INSERTION}** {INSERTION}", ["*a*\n<b>", "c"]) == "<p><strong>*a*<br>&lt;b&gt;</strong> c</p>"
    assert render(f"[x](/{INSERTION})", ["javascript:1"]) == "<p>[x](/javascript:1)</p>"
    assert render(f"[x]({INSERTION})", ["javascript:1"]) == "<p>[x](javascript:1)</p>"


@given(
    st.text(alphabet="ab*_`[]()#-1. <>&\"'\n/\\:" + INSERTION, max_size=60), st.lists(st.text(max_size=8), max_size=3)
)
def test_any_text_gives_balanced_harmless_html(source: str, insertions: list[str]) -> None:
    allowed = {"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "code", "a", "hr"}
    assert {element.tag for element in Page(render(source, insertions)).elements} <= allowed
