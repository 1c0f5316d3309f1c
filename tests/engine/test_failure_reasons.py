"""Why a step could not run: each kind of failure says what was wrong, where, and which line or variable is to blame."""

from collections.abc import Iterator, Mapping

import pytest
import sqlalchemy as sa

from engine.errors import StepFailed
from engine.operations import Input, Operation, OperationError
from tests.bpmn_models import end, flow, flows, gateway, process, rule, script, service_task, start, user_task
from tests.engine.stage import ADA, ANN, OWEN, OWNER, STARTERS, Stage

TABLE = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
    b'<decision id="grade" name="Grade"><decisionTable id="t" hitPolicy="UNIQUE"><input id="i">'
    b'<inputExpression id="ie"><text>1</text></inputExpression></input><output id="o" name="grade"/>'
    b'<rule id="r1"><inputEntry id="e1"><text>1</text></inputEntry>'
    b'<outputEntry id="o1"><text>1</text></outputEntry></rule>'
    b'<rule id="r2"><inputEntry id="e2"><text>&lt; 5</text></inputEntry>'
    b'<outputEntry id="o2"><text>2</text></outputEntry></rule></decisionTable></decision></definitions>'
)


def _behind_a_task(*parts: str) -> bytes:
    """Return a process in which something goes wrong once a task of the analysts is completed; it ends at `e`."""
    return process(
        "p",
        start(),
        user_task("ask", "Ask", candidateGroups="analysts"),
        flows("s", "ask", "x"),
        *parts,
        end(),
        properties=OWNER,
        **STARTERS,
    )


WRONG: Mapping[str, tuple[bytes, str | None, tuple[str, ...]]] = {
    "script: a line": (
        _behind_a_task(script("x", "a = 1\nb = a / 0"), flows("x", "e")),
        "x",
        ("ZeroDivisionError", "(line 2)"),
    ),
    "script: a name": (
        _behind_a_task(script("x", "a = missing_amount * 2"), flows("x", "e")),
        "x",
        ("missing_amount", "(line 1)"),
    ),
    "script: a result that is no data": (
        _behind_a_task(script("x", "ratio = 1e300 * 1e300"), flows("x", "e")),
        "x",
        ("ratio", "not a number"),
    ),
    "no flow": (
        _behind_a_task(gateway("x"), end("e2"), flow("x", "e", "amount > 5"), flow("x", "e2", "amount <= 5")),
        "x",
        ("No condition holds", "no default flow", "amount"),
    ),
    "a condition that gives no yes or no": (
        _behind_a_task(gateway("x", default="d"), end("e2"), flow("x", "e", "1 + 1"), flow("x", "e2", identity="d")),
        "x",
        ("flow to 'e'", "neither true nor false"),
    ),
    "a decision": (_behind_a_task(rule("x", "grade", "result"), flows("x", "e")), "x", ("Grade", "1, 2")),
    "a task for nobody": (
        _behind_a_task(user_task("x", "Check", assignee="=1 + 1"), flows("x", "e")),
        "x",
        ("The assignee", "1 + 1", "no text"),
    ),
    "the budget": (
        _behind_a_task(gateway("x"), gateway("y", default="back"), flow("y", "e", "done = true"), flows("x", "y"))
        .replace(b"</bpmn:process>", flow("y", "x", identity="back").encode() + b"</bpmn:process>"),
        None,
        ("10000 tokens", "loop in which nothing waits"),
    ),
    "a join that waits for ever": (
        _behind_a_task(
            gateway("x"),
            gateway("j", "parallel"),
            flow("x", "j", "amount = null", "one"),
            flow("x", "j", "amount != null", "two"),
            flows("j", "e"),
        ),
        "j",
        ("waits for a branch on which nothing can come",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_failure_says_what_was_wrong_and_where(stage: Stage, what: str) -> None:
    model, element, words = WRONG[what]
    stage.deploy(p__bpmn=model, grade__dmn=TABLE)
    case = stage.start()
    with pytest.raises(StepFailed) as caught:
        stage.do("ask")
    assert caught.value.failure_id is not None
    (failure,) = stage.engine.management.failures(ADA).rows
    assert (failure.id, failure.kind, failure.element_id) == (caught.value.failure_id, "complete", element)
    for word in words:
        assert word in failure.reason
    (told,) = [e for e in stage.engine.history.timeline(case.id, OWEN) if e.kind == "failure.recorded"]
    assert told.detail["reason"] == failure.reason[:500]
    (seen,) = stage.engine.mending.look(case.id, OWEN).failures
    assert (seen.id, seen.reason) == (failure.id, failure.reason)
    (seen,) = stage.engine.history.case(case.id, ANN).failures
    assert (seen.id, seen.reason) == (failure.id, ""), "who does not mend it is told that it failed, not why"


def test_a_state_that_cannot_be_read_is_said_for_what_it_is(stage: Stage) -> None:
    stage.deploy(p__bpmn=_behind_a_task(script("x", "a = 1"), flows("x", "e")))
    stage.start()
    with stage.engine.database.write() as connection:
        connection.execute(sa.text("update process_instance set state = :state"), {"state": b"nothing of ours"})
    with pytest.raises(StepFailed):
        stage.do("ask")
    (failure,) = stage.engine.management.failures(ADA).rows
    assert "damaged" in failure.reason


@pytest.fixture
def shop(database: str) -> Iterator[Stage]:
    """An engine with an operation that fails within the step."""

    def order() -> dict[str, str]:
        raise OperationError("CLOSED", "The shop is closed.")

    made = Stage(database, operations=[Operation("order", "Order", "Orders things.", order, [], [], pure=True)])
    yield made
    made.close()


def test_an_operation_that_fails_names_its_task(shop: Stage) -> None:
    shop.deploy(p__bpmn=_behind_a_task(service_task("x", "order"), flows("x", "e")))
    shop.start()
    with pytest.raises(StepFailed):
        shop.do("ask")
    (failure,) = shop.engine.management.failures(ADA).rows
    assert failure.element_id == "x"
    assert "The shop is closed." in failure.reason


def test_an_operation_is_skipped_with_what_it_would_have_brought(shop: Stage) -> None:
    """What is given does not stay among the input parameters of the task."""
    task = service_task("x", "later", amount="=3")
    shop.close()
    later = Operation(
        "later", "Later", "Does it later.", lambda _call, **_: {}, [Input("amount", "number", "How many.")], []
    )
    stage = Stage(shop.url, operations=[later])
    stage.deploy(
        p__bpmn=_behind_a_task(task, user_task("check", "Check", candidateGroups="analysts"), flows("x", "check", "e"))
    )
    case = stage.start()
    stage.do("ask")
    (place,) = stage.engine.mending.look(case.id, OWEN).places
    assert stage.count("job") == 1
    stage.engine.mending.skip(case.id, place.task_id, {"amount": 5, "number": "O-1"}, reason="By phone", actor=OWEN)
    assert (stage.task().element_id, stage.count("job")) == ("check", 0)
    variables = stage.engine.mending.look(case.id, OWEN).layers[0].variables
    assert (variables["amount"], variables["number"]) == (5, "O-1")
    stage.close()
