"""Documents of the sources as HTML: CommonMark with tables, fitted to pages, and their links led to pages."""

from collections.abc import Sequence
from typing import Any

import pytest
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from webapp import manual, markdown


def html(text: str, root: str = "") -> Markup:
    return markdown.render(manual.linked(markdown.read(text), root))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>\n"),
        ("## `a` *B*, c_d - e", '<h2 id="a-b-c_d---e"><code>a</code> <em>B</em>, c_d - e</h2>\n'),
        ("#### four\n###### six", '<h4 id="four">four</h4>\n<h4 id="six">six</h4>\n'),
        ("- a\n  - b\n    goes on", "<ul>\n<li>a\n<ul>\n<li>b\ngoes on</li>\n</ul>\n</li>\n</ul>\n"),
        ("```yaml\na: '<b>'\n```", '<pre tabindex="0">a: &#39;&lt;b&gt;&#39;\n</pre>\n'),
        ("    indented & so on", '<pre tabindex="0">indented &amp; so on\n</pre>\n'),
        ("<b>a</b> &lt; `<c>`", "<p>&lt;b&gt;a&lt;/b&gt; &lt; <code>&lt;c&gt;</code></p>\n"),
        ('<script src="x"></script>', "<p>&lt;script src=&quot;x&quot;&gt;&lt;/script&gt;</p>\n"),
        ("[a](javascript:alert)", "<p>[a](javascript:alert)</p>\n"),
    ],
)
def test_a_document_becomes_html_that_pages_can_hold(text: str, made: str) -> None:
    assert html(text) == made


def test_a_table_scrolls_in_a_region_that_is_called_as_its_head_and_has_no_style_of_its_own() -> None:
    assert html("| `a` & b | | *c* |\n|:--|:-:|--:|\n| 1 | `x \\| y` | <i> |") == (
        '<div class="wide" tabindex="0" role="region" aria-label="a &amp; b, c">\n'
        '<table>\n<thead>\n<tr>\n<th scope="col"><code>a</code> &amp; b</th>\n<th scope="col"></th>\n'
        '<th scope="col"><em>c</em></th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td><code>x | y</code></td>\n'
        "<td>&lt;i&gt;</td>\n</tr>\n</tbody>\n</table>\n</div>\n"
    )


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("[*a* b](feel.md)", '<a href="/desk/manual/feel"><em>a</em> b</a>'),
        ("[a](bpmn.md#loops)", '<a href="/desk/manual/bpmn#loops">a</a>'),
        ("[feel.md](feel.md#x)", '<a href="/desk/manual/feel#x">FEEL: expressions in models</a>'),
        ("[`feel.md`](feel.md)", '<a href="/desk/manual/feel">FEEL: expressions in models</a>'),
        ("[a](lint-rules.md#deadlock)", '<a href="/desk/processes/rules#deadlock">a</a>'),
        ("[a](#here)", '<a href="#here">a</a>'),
        ("[a](https://example.org/feel.md#x)", '<a href="https://example.org/feel.md#x">a</a>'),
        ("[a `b`](architecture.md) c", "a <code>b</code> c"),
        ("[*a*](../engine/feel.py), [b](dmn.md)", '<em>a</em>, <a href="/desk/manual/dmn">b</a>'),
        ("`[a](dmn.md)`", "<code>[a](dmn.md)</code>"),
    ],
)
def test_links_lead_to_pages_or_are_plain_words(text: str, made: str) -> None:
    assert html(text, "/desk") == f"<p>{made}</p>\n"


def test_links_in_a_block_of_code_stay_as_they_are_written() -> None:
    assert html("```\n[a](dmn.md)\n```") == '<pre tabindex="0">[a](dmn.md)\n</pre>\n'


def test_the_prefix_under_which_the_product_is_served_cannot_leave_its_attribute() -> None:
    assert html("[a](dmn.md)", '/"><b>') == '<p><a href="/&quot;&gt;&lt;b&gt;/manual/dmn">a</a></p>\n'


def test_what_stands_before_code_is_html_also_where_the_library_adds_pieces_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it does in 4.0, in place of joining them; adding `Markup` to a text escapes the text."""
    joined = RendererHTML.render

    def added_up(self: RendererHTML, tokens: Sequence[Token], options: Any, env: Any) -> Any:
        at = next(number for number, token in enumerate(tokens) if token.type == "fence")
        return joined(self, tokens[:at], options, env) + self.rules["fence"](tokens, at, options, env)

    monkeypatch.setattr(RendererHTML, "render", added_up)
    assert html("a\n\n    b < c\n") == '<p>a</p>\n<pre tabindex="0">b &lt; c\n</pre>\n'
