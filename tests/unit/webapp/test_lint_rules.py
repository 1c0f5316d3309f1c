"""What the rules of the lint say, on the page and plainly."""

import re

from webapp import lint_rules


def test_each_rule_says_its_severity_an_example_and_how_to_mend_it_in_paragraphs_of_their_own() -> None:
    rules = lint_rules.by_name()
    assert len(rules) > 100
    for name, rule in rules.items():
        assert re.match(r"(Error|Warning)\. ", rule.plain), name
        assert rule.text.startswith(("<p><em>Error.</em> ", "<p><em>Warning.</em> ")), name
        for plain, html in (("Example: ", "<p>Example: "), ("Mend: ", "<p><strong>Mend:</strong> ")):
            assert rule.plain.count(f"\n\n{plain}") == 1, name
            assert rule.text.count(f"\n{html}") == 1, name
        assert rule.text.count("<p>") == rule.text.count("</p>") == rule.plain.count("\n\n") + 1, name


def test_plain_text_keeps_the_marks_of_words_and_code_and_the_names_of_files() -> None:
    rules = lint_rules.by_name()
    assert "tick *Executable*." in rules["no-executable-process"].plain
    assert "\n\nExample: *Order by letter* and *Order by phone*" in rules["start-message-twice"].plain
    assert '`<process id="needs">`' in rules["no-executable-process"].plain
    assert "(bpmn.md)" in rules["endless-ring"].plain
    assert not [name for name, rule in rules.items() if re.search(r"\]\(|\*\*", re.sub("`[^`]+`", "", rule.plain))]


def test_a_page_below_a_prefix_leads_to_documents_below_it() -> None:
    (rule,) = (rule for group in lint_rules.groups("/desk") for rule in group.rules if rule.name == "endless-ring")
    assert '<a href="/desk/manual/bpmn#starting-by-events">What a model may hold, and how it runs</a>' in rule.text
