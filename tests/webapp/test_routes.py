"""What people choose as keys leads to its own page: no fixed address stands where a key may stand."""

from itertools import combinations

from werkzeug.routing import Rule

from engine.types import ENGINE
from tests.bpmn_models import end, flows, process, start
from tests.webapp.site import Site, Visitor

CHOSEN = ("<process>", "<register>", "<report>", "<key>", "<record_id>", "<user_id>")
"""Parts of addresses that people choose; the others are numbers that the product gives."""


def _hides(fixed: str, chosen: str) -> bool:
    """Return whether an address with the key that `fixed` has in its place could mean both."""
    ones, others = fixed.split("/"), chosen.split("/")
    if len(ones) != len(others):
        return False
    parts = list(zip(ones, others, strict=True))
    same = all(one == other or "<" in one or "<" in other for one, other in parts)
    return same and any("<" not in one and other in CHOSEN for one, other in parts)


def test_no_address_hides_another_one(site: Site) -> None:
    rules: list[Rule] = [rule for rule in site.app.url_map.iter_rules() if rule.endpoint != "static"]
    hidden = [
        (one.rule, other.rule)
        for one, other in combinations(rules, 2)
        if (one.methods or set()) & (other.methods or set()) - {"HEAD", "OPTIONS"}
        and (_hides(one.rule, other.rule) or _hides(other.rule, one.rule))
    ]
    assert hidden == []
    assert _hides("/performance/measures", "/performance/<process>")


def test_a_process_may_be_called_measures(site: Site, petra: Visitor) -> None:
    model = process(
        "measures", start(), end(), flows("s", "e"), properties={"ownerGroup": "owners"}, candidateStarterGroups="staff"
    )
    site.engine.repository.deploy({"measures.bpmn": model}, name="Same", actor=ENGINE)
    assert "measures" in petra.get("/performance/measures").tree.xpath("string(//h1)")
    assert petra.get("/measures").tree.xpath("string(//h1)") == "What the measures mean"
