"""Starting cases: who may, what the form says, numbers without gaps or doubles, handing in twice."""

import uuid

import pytest

from engine.errors import InputRefused, NotFound, StepFailed
from engine.types import ENGINE, Actor
from engine.views import CaseRef
from tests.bpmn_models import end, flows, process, script, start
from tests.engine.stage import ANN, OLGA, OTTO, OWEN, STARTERS, Stage, at_once, form, one_task


def test_numbers_are_drawn_once_each(stage: Stage) -> None:
    stage.deploy_one_task()
    outcomes = at_once(*(lambda: [stage.start().number for _ in range(5)] for _ in range(4)))
    assert [each.error for each in outcomes] == [None] * 4
    numbers = sorted(number for each in outcomes for number in each.result)
    assert numbers == [f"C-{count:06d}" for count in range(1, 21)]


def test_the_start_form_decides_what_goes_in(stage: Stage) -> None:
    need = {"type": "textfield", "key": "need", "label": "Need", "validate": {"required": True, "maxLength": 10}}
    model = process("p", start(form="n"), end(), flows("s", "e"), **STARTERS)
    stage.deploy(p__bpmn=model, n__form=form("n", need))
    for values in ({}, {"need": "x" * 11}, {"need": 3}, {"need": "x", "more": "y"}):
        with pytest.raises(InputRefused):
            stage.start(**values)
    assert stage.count("process_instance") == 0
    assert stage.start(need="x").status == "completed"
    assert stage.start(need="y").number == "C-000002"


def test_values_may_be_read_when_the_form_of_the_version_is_known(stage: Stage) -> None:
    model = process("p", start(form="n"), end(), flows("s", "e"), **STARTERS)
    first = stage.deploy(p__bpmn=model, n__form=form("n", "old")).deployed[0].id
    stage.deploy(p__bpmn=model, n__form=form("n", "new"))
    given: list[bytes | None] = []

    def read(content: bytes | None) -> dict[str, str]:
        given.append(content)
        return {"old" if len(given) == 1 else "new": "x"}

    stage.engine.runtime.start("p", read, actor=OLGA, definition_id=first)
    stage.engine.runtime.start("p", read, actor=OLGA)
    assert given == [form("n", "old"), form("n", "new")]
    with pytest.raises(NotFound):
        stage.engine.runtime.start("p", read, actor=Actor("x", "X", frozenset(), frozenset()))
    assert len(given) == 2


@pytest.mark.parametrize("key", ["a\0b", "\ud800", "a\nb", ""])
def test_a_key_that_no_process_can_have_is_not_found(stage: Stage, key: str) -> None:
    stage.deploy_one_task()
    with pytest.raises(NotFound):
        stage.engine.runtime.start(key, {}, actor=OLGA)
    with pytest.raises(NotFound):
        stage.engine.runtime.start("p", {}, actor=OLGA, definition_id=key)


def test_only_candidate_starters_start(stage: Stage) -> None:
    stage.deploy(p__bpmn=one_task(), f__form=form("f"))
    stranger = Actor("sam", "Sam", frozenset({"admin"}))
    for key, actor in (("p", stranger), ("unknown", OLGA)):
        with pytest.raises(NotFound):
            stage.start(key, actor)
    assert [each.key for each in stage.engine.repository.startable(OLGA)] == ["p"]
    assert stage.engine.repository.startable(stranger) == []


def test_a_case_whose_first_step_cannot_run_leaves_nothing(stage: Stage) -> None:
    model = process("p", start(), script("boom", "x = 1 / 0"), end(), flows("s", "boom", "e"), **STARTERS)
    stage.deploy(p__bpmn=model)
    with pytest.raises(StepFailed) as caught:
        stage.start()
    assert caught.value.failure_id is None
    for table in ("process_instance", "activity_event", "failure"):
        assert stage.count(table) == 0


def test_the_starter_is_known_to_the_case(stage: Stage) -> None:
    model = process(
        "p",
        start(),
        end(),
        flows("s", "e"),
        properties={
            "title": '"For " + initiator.id',
            "originator": "initiator.id",
            "organisation": "initiator.organisation",
            "priority": "80",
            "channel": '"form"',
        },
        **STARTERS,
    )
    stage.deploy(p__bpmn=model)
    case = stage.start(actor=OLGA)
    detail = stage.engine.history.case(case.id, OLGA)
    assert (detail.title, detail.priority, detail.channel, detail.organisation_id) == ("For olga", 80, "form", "acme")
    assert detail.originator is not None
    assert detail.originator.id == "olga"
    for actor in (OTTO, ANN, OWEN):
        with pytest.raises(NotFound):
            stage.engine.history.case(case.id, actor)
    assert [row.id for row in stage.engine.history.cases(ENGINE).rows] == [case.id]
    assert stage.engine.history.cases(OTTO).rows == ()


def _hand_in(stage: Stage, identity: str, actor: Actor = OLGA, key: str = "p") -> CaseRef:
    return stage.engine.runtime.start(key, {}, actor=actor, identity=identity)


def test_handing_in_twice_makes_one_case(stage: Stage) -> None:
    stage.deploy_one_task()
    identity = uuid.uuid4().hex
    first, second = _hand_in(stage, identity), _hand_in(stage, identity)
    assert (first.id, first.repeated, second.repeated) == (identity, False, True)
    assert (second.id, second.number, second.title, second.status) == (
        first.id,
        first.number,
        first.title,
        first.status,
    )
    assert stage.count("process_instance") == 1
    assert stage.kinds(identity).count("case.started") == 1
    assert _hand_in(stage, uuid.uuid4().hex).number == "C-000002"


def test_handing_in_twice_at_once_makes_one_case(stage: Stage) -> None:
    stage.deploy_one_task()
    other = stage.another()
    for count in range(1, 6):
        identity = uuid.uuid4().hex
        here, there = (lambda at=at, identity=identity: _hand_in(at, identity) for at in (stage, other))
        outcomes = at_once(here, there, here)
        assert [each.error for each in outcomes] == [None] * 3
        assert {each.result.number for each in outcomes} == {f"C-{count:06d}"}
        assert sorted(each.result.repeated for each in outcomes) == [False, True, True]
        assert stage.count("process_instance") == count
        assert len(stage.tasks()) == count


def test_the_id_of_somebody_elses_case_tells_nothing(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.deploy(q__bpmn=one_task("q"), f__form=form("f", "answer"))
    identity = uuid.uuid4().hex
    case = _hand_in(stage, identity)
    for actor, key in ((OTTO, "p"), (OLGA, "q")):
        with pytest.raises(NotFound) as caught:
            _hand_in(stage, identity, actor, key)
        assert case.number not in str(caught.value)
        assert identity not in str(caught.value)
    assert stage.count("process_instance") == 1


@pytest.mark.parametrize("identity", ["", "x", "A" * 32, "0" * 31, "0" * 33, "0" * 32 + "\n", "g" * 32])
def test_what_is_no_id_is_refused(stage: Stage, identity: str) -> None:
    stage.deploy_one_task()
    with pytest.raises(InputRefused) as caught:
        _hand_in(stage, identity)
    assert set(caught.value.messages) == {"identity"}
    assert stage.count("process_instance") == 0
