"""How evaluations are read back: lists, and one with its figures as they were, its findings and its actions."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection, and_, bindparam, select

from engine.errors import NotFound
from engine.evaluations import actions
from engine.evaluations import statements as sql
from engine.evaluations.opening import read_figures, read_trends
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import statistics_of
from engine.people import People, people
from engine.persistence.database import AnyRow
from engine.types import Json
from engine.views import CaseRef
from engine.views.evaluations import EvaluationDetail, EvaluationRow, ImprovementAction, Judgement

_BODY: Final = select(sql.VERSION.c.body, sql.VERSION.c.created_at).where(
    and_(
        sql.VERSION.c.register == bindparam("register"),
        sql.VERSION.c.record_id == bindparam("id"),
        sql.VERSION.c.version == bindparam("version"),
    )
)


def body(connection: Connection, ref: tuple[str, str, int]) -> AnyRow | None:
    """Return what a version of a record says, and since when."""
    return connection.execute(_BODY, dict(zip(("register", "id", "version"), ref, strict=True))).one_or_none()


def rows(connection: Connection, process: ManagedProcess, most: int) -> tuple[EvaluationRow, ...]:
    """Return the evaluations of a process, newest first."""
    cases = connection.execute(sql.CASES, {"definition": process.evaluate, "process": process.key, "most": most}).all()
    ids = [case.id for case in cases]
    judged = {row.instance_id: row for row in connection.execute(sql.JUDGED, {"cases": ids})} if ids else {}
    agreed = actions.of_cases(connection, ids)
    names = people(connection, [*(case.started_by for case in cases), *(row.created_by for row in judged.values())])
    return tuple(_row(case, judged.get(case.id), agreed, names) for case in cases)


def _row(case: AnyRow, judged: AnyRow | None, agreed: list[AnyRow], names: People) -> EvaluationRow:
    own = [row for row in agreed if row.instance_id == case.id]
    return EvaluationRow(
        case=CaseRef(case.id, case.number, case.title, case.status),
        period=_period(case.variables, case.started_at.date()),
        opened_at=case.started_at,
        opened_by=names.person(case.started_by),
        judged_at=judged.created_at if judged else None,
        judged_by=names.person(judged.created_by) if judged else None,
        missed=sum(figure.light == "red" for figure in read_figures(case.variables.get("figures"))),
        actions=len(own),
        actions_open=sum(row.status == "open" for row in own),
    )


def detail(connection: Connection, process: ManagedProcess, case_id: str, *, inside: bool) -> EvaluationDetail:
    """Return one evaluation, for who is not `inside` its figures only; raise `NotFound` for a case that is none."""
    case = connection.execute(sql.CASE, {"case": case_id, "definition": process.evaluate or ""}).one_or_none()
    if case is None or case.variables.get("process") != process.key:
        raise NotFound("evaluation", case_id)
    variables: Mapping[str, Json] = case.variables
    judged = connection.execute(sql.JUDGED, {"cases": [case_id]}).first() if inside else None
    names = people(connection, [case.started_by, judged.created_by if judged else None])
    found: Mapping[str, Json] = judged.body if judged else {}
    governed = variables.get("evaluated_framework")
    return EvaluationDetail(
        process=process.key,
        name=process.name,
        reference=process.reference,
        title=case.title,
        case=CaseRef(case.id, case.number, case.title, case.status),
        period=_period(variables, case.started_at.date()),
        opened_at=case.started_at,
        opened_by=names.person(case.started_by),
        framework=(governed[0], governed[1], governed[2]) if governed else None,
        figures=read_figures(variables.get("figures")),
        trends=read_trends(variables.get("trends")),
        unknown_targets=tuple(variables.get("unknown_targets") or ()),
        inside=inside,
        judged_at=judged.created_at if judged else None,
        judged_by=names.person(judged.created_by) if judged else None,
        record=judged.record_id if judged else None,
        findings=str(found.get("findings") or ""),
        judgements=_judgements(process, found.get("judgements")),
        actions=_actions(connection, process, case_id, found) if judged else (),
        previous=_previous(connection, variables.get("previous_actions")) if inside else (),
        framework_change=found.get("change_reason") if found.get("framework_change_needed") == "yes" else None,
        task_id=_open_task(connection, case_id) if inside and judged is None else None,
    )


def _open_task(connection: Connection, case_id: str) -> str | None:
    task: str | None = connection.execute(sql.OPEN_TASK, {"case": case_id}).scalar_one_or_none()
    return task


def _judgements(process: ManagedProcess, stored: Json) -> tuple[Judgement, ...]:
    names = {key: statistic.name for key, statistic in statistics_of(process).items()}
    return tuple(
        Judgement(names.get(row.get("statistic"), str(row.get("statistic"))), str(row.get("cause") or ""))
        for row in stored or ()
    )


def _actions(
    connection: Connection, process: ManagedProcess, case_id: str, found: Mapping[str, Json]
) -> tuple[ImprovementAction, ...]:
    """Return what was agreed upon, as the records have it now; before they are made, as it was written down."""
    statistics = statistics_of(process)
    recorded = actions.of_cases(connection, [case_id])
    tasks = actions.open_tasks(connection, [case_id])
    if not recorded:
        return tuple(actions.shown(row) for row in found.get("actions") or ())
    agreed = []
    for row in recorded:
        statistic = statistics.get(row.body.get("measure"))
        stored = {
            **row.body,
            "number": row.id,
            "owner": row.body.get("owner_name") or row.body.get("owner"),
            "state": row.status,
            "note": row.body.get("result_note"),
            "figure": statistic.name if statistic else row.body.get("measure"),
            "unit": statistic.unit if statistic else "",
            "then": row.body.get("figure_then"),
        }
        agreed.append(actions.shown(stored, tasks.get(row.id)))
    return tuple(agreed)


def _previous(connection: Connection, stored: Json) -> tuple[ImprovementAction, ...]:
    """Return the earlier actions with their figures as they were kept, and their state as it is now."""
    rows = list(stored or ())
    states = actions.states(connection, [row["number"] for row in rows])
    return tuple(
        actions.shown({**row, **({"state": states[row["number"]]} if row["number"] in states else {})}) for row in rows
    )


def _period(variables: Mapping[str, Json], otherwise: date) -> Period:
    first, last = (actions.day(variables.get(name)) for name in ("period_from", "period_to"))
    return Period(first, last) if first and last else Period(otherwise, otherwise)
