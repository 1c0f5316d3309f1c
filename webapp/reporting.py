"""Owns what the address of a report asks for, and the report as a table for a spreadsheet; it reads no rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask import request

from engine.errors import InputRefused
from engine.metrics.periods import Period
from engine.types import Json
from engine.views.reports import Report, ReportFilter
from webapp import names
from webapp.services import now
from webapp.words import status

DAYS = 90
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
LONGEST_ID = 64
MOST_ISSUED = 100
HEADER = (
    *("number", "title", "organisation", "handed_in_by", "handed_in_on", "status", "services", "supporters"),
    *("last_change_on", "became_number", "became", "became_status", "text", "note"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the days as typed, and what they mean; `mistake` is what is wrong with them."""

    first: str
    last: str
    filter: ReportFilter
    mistake: tuple[str, str] | None = None


def asked() -> Asked:
    """Return what the address asks for: the last 90 days where it names none, or where it cannot be used."""
    today = now().date()
    first = request.values.get("from", "").strip()[:40] or str(today - timedelta(days=DAYS - 1))
    last = request.values.get("to", "").strip()[:40] or str(today)
    organisation, service = _identity("organisation"), _identity("service")
    mistake = None
    period = Period.of_days(DAYS, today)
    try:
        period = Period(_day("from", first), _day("to", last))
    except InputRefused as refused:
        ((name, (text, *_)), *_) = refused.messages.items()
        mistake = ("to" if name == "until" else name, text)
    return Asked(first, last, ReportFilter(period, organisation, service), mistake)


def rows(report: Report) -> Iterator[list[object]]:
    """Yield the lines of the report as a table: one for each record and what was made of it."""
    for row in report.rows:
        own = [
            *(row.id, row.title, names.organisation(row.organisation_id)),
            row.originator.name if row.originator else "",
            *(str(row.handed_in_at.date()), status(row.status)),
            "; ".join(report.service_names.get(each, each) for each in row.services),
            *(row.supporters, str(row.changed_at.date())),
        ]
        for made in row.outcomes:
            yield [*own, made.id, made.title, status(made.status), made.text, made.note]
        if not row.outcomes:
            yield [*own, "", "", "", "", ""]


def issued(report: Report) -> dict[str, Json]:
    """Return the report as the values of the record that keeps it; raise `InputRefused` for one that is too long."""
    if report.cut or len(report.rows) > MOST_ISSUED:
        count = len(report.rows)
        text = f"It has {count:,} lines, {MOST_ISSUED} is the most: choose a shorter period or one organisation."
        raise InputRefused({"rows": [text]})
    period, whose = report.filter.period, report.filter.organisation
    of = names.organisation(whose) if whose else "all organisations"
    return {
        "title": f"{report.ref.name}: {of}, {period.first} to {period.last}"[:200],
        "organisation": whose,
        "service": report.filter.service,
        "period_from": str(period.first),
        "period_until": str(period.last),
        "totals": "\n".join(f"{status(value)}: {count}" for value, count in report.statuses),
        "rows": [
            {
                "number": row.id,
                "what": row.title,
                "handed_in": f"{row.handed_in_at.date()} {names.organisation(row.organisation_id)}".strip(),
                "standing": status(row.status),
                "became": "\n".join(f"{made.id} {made.title}: {status(made.status)}" for made in row.outcomes),
                "note": "\n".join(made.note for made in row.outcomes if made.note),
            }
            for row in report.rows
        ],
    }


def _day(name: str, text: str) -> date:
    parse: Callable[[str], date] = date.fromisoformat
    try:
        found = parse(text)
    except ValueError:
        raise InputRefused({name: [f"“{text}” is no date: enter it as year-month-day, such as 2026-01-31."]}) from None
    if not EARLIEST <= found <= LATEST:
        raise InputRefused({name: [f"Choose a day between {EARLIEST} and {LATEST}."]})
    return found


def _identity(name: str) -> str | None:
    return request.values.get(name, "").replace("\0", "")[:LONGEST_ID].strip() or None
