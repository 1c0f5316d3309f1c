"""Owns the pages of reports to stakeholders: which there are, one for a period, and the same for a spreadsheet."""

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from engine.errors import InputRefused, NotPermitted
from engine.views.reports import Report
from webapp import names, reporting, spreadsheet
from webapp.navigation import WORKERS, only_for
from webapp.services import actor, engine

pages = Blueprint("reports", __name__, url_prefix="/reports")


@pages.get("")
@only_for(*WORKERS)
def listing() -> str:
    """Show the reports that this person may look at."""
    return render_template("reports.html", reports=engine().reports.reports(actor()))


@pages.get("/<process>/<report>")
def show(process: str, report: str) -> tuple[str, int]:
    """Show a report: what was handed in, by whom, where it stands, and what became of it."""
    asked = reporting.asked()
    found = _report(process, report, asked)
    return render_template("report.html", report=found, asked=asked), 422 if asked.mistake else 200


@pages.get("/<process>/<report>.csv")
def csv(process: str, report: str) -> Response:
    """Send the report for a spreadsheet."""
    asked = reporting.asked()
    found = _report(process, report, asked)
    if asked.mistake:
        return Response(f"{asked.mistake[0]}: {asked.mistake[1]}\n", 422, mimetype="text/plain")
    name = f"{process}-{report}-{asked.filter.period.first}-{asked.filter.period.last}.csv"
    body = "".join(spreadsheet.lines(reporting.HEADER, reporting.rows(found)))
    return Response(body, mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.post("/<process>/<report>/issue")
def issue(process: str, report: str) -> Response | WerkzeugResponse:
    """Keep the report as it is now, where its organisation finds it; for those who maintain the register of reports."""
    asked = reporting.asked()
    found = _report(process, report, asked)
    if asked.mistake:
        raise InputRefused({asked.mistake[0]: [asked.mistake[1]]})
    if found.issued is None:
        raise NotPermitted("Only who maintains the register of issued reports may issue one.")
    g.links = [(url_for("reports.show", process=process, report=report), "Back to the report")]
    kept = engine().registers.save(found.issued, None, reporting.issued(found), actor=actor(), status="issued")
    flash(f"Issued: {kept.id}. The organisation finds it under Registers.", "success")
    return redirect(url_for("registers.record", register=kept.register, record_id=kept.id), 303)


def _report(process: str, report: str, asked: reporting.Asked) -> Report:
    found = engine().reports.report(process, report, actor(), asked.filter)
    names.load_organisations([*found.organisations, *(row.organisation_id for row in found.rows)])
    return found
