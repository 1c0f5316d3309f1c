"""A case page tells those who work here that the case took a new version of its framework over, and what moved."""

from engine.types import ENGINE
from engine.views import CaseRef
from tests.engine.framework import FIRST, FORM, REGISTERS, asks
from tests.webapp.site import Site, Visitor


def _running(site: Site) -> CaseRef:
    content = {"p.bpmn": asks("p", task={"candidateGroups": "desk"}), "registers.yaml": REGISTERS, "rules.form": FORM}
    site.engine.repository.deploy(content, name="framework", actor=ENGINE)
    site.engine.registers.save("rules", None, FIRST, actor=ENGINE)
    return site.engine.runtime.start("p", {}, actor=site.engine.identity.actor("ines"))


def _change(site: Site, **fields: str) -> None:
    site.engine.registers.save("rules", "R-0001", {**FIRST, **fields}, actor=ENGINE)
    while site.engine.management.run_due():
        pass


def test_the_history_tells_what_was_taken_over_and_what_moved(site: Site, anna: Visitor, ines: Visitor) -> None:
    case = _running(site)
    _change(site, remind="P2D", due="P4D")
    page = anna.get(f"/cases/{case.id}")
    assert "Version 2 of R-0001 taken over, instead of 1." in page.text
    assert "Ask: due 6 Mar 2026, 09:00 UTC instead of 12 Mar 2026, 09:00 UTC" in page.text
    assert "remind: 4 Mar 2026, 09:00 UTC instead of 7 Mar 2026, 09:00 UTC" in page.text
    times = page.tree.xpath("//*[contains(text(), 'taken over')]//time")
    assert times
    assert not [time for time in times if time.get("class")], "what moved is told by dates, not as 'in 6 days'"
    assert "taken over" not in ines.get(f"/cases/{case.id}").text
    _change(site, remind="P2D", due="P4D", title="Three")
    told = anna.get(f"/cases/{case.id}").text
    assert "Version 3 of R-0001 taken over, instead of 2. No time has changed by it." in told


def test_a_take_over_that_fails_is_a_failure_that_the_owners_see(site: Site, petra: Visitor) -> None:
    case = _running(site)
    _change(site, remind="soon")
    page = petra.get("/failures")
    assert case.number in page.text
    assert "When a new version was to be taken over" in page.text
    (action,) = [each for each in page.tree.xpath("//form/@action") if each.endswith("/retry")]
    site.engine.registers.save("rules", "R-0001", {**FIRST, "remind": "P2D"}, actor=ENGINE)
    petra.send(page, action)
    assert "Version 3 of R-0001 taken over, instead of 1." in petra.get(f"/cases/{case.id}").text
