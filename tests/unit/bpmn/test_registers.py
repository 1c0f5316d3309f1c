"""Data associations with registers: references in the data, bodies loaded when asked, writes as effects."""

from typing import Any

import pytest

from engine.errors import StepFailed
from engine.types import RecordRef
from tests.bpmn_cases import Registers, Running, register, source
from tests.bpmn_models import (
    call,
    catch,
    definitions,
    end,
    flow,
    flows,
    gateway,
    into,
    message,
    message_event,
    multi_instance,
    out,
    process,
    process_part,
    reads,
    script,
    send_task,
    start,
    store,
    timer,
    user_task,
    writes,
)

NEED = register("need", "title", "text")
GOAL = register("goal", "words")
RULES = register("rules", "days", singleton=True)
KNOWN = {"need": NEED, "goal": GOAL, "rules": RULES}


def case(content: bytes, registers: Registers | None = None) -> Running:
    return Running(source(content, registers=KNOWN), registers=registers)


def model(*parts: str, around: str = "") -> bytes:
    stores = "".join(store(f"st_{key}", key) for key in KNOWN)
    return process("p", stores, *parts, around=around)


def ref(identity: str = "N-0001", version: int = 1, key: str = "need") -> dict[str, Any]:
    return {"register": key, "id": identity, "version": version}


WRITER = user_task("a", inner=writes("st_need"), properties={"need.status": "captured"})


def test_a_completed_activity_writes_a_record() -> None:
    running = case(model(start(), WRITER, user_task("z"), end(), flows("s", "a", "z", "e"))).start()
    assert not running.step.writes
    running.do("a", title="T", text="words", other=1)
    [write] = running.step.writes
    assert (write.register, write.ref, write.base) == ("need", RecordRef("need", "N-0001", 1), None)
    assert (write.body, write.status) == ({"title": "T", "text": "words"}, "captured")
    assert (write.element_id, write.process_key, write.sources) == ("a", "p", ())
    assert running.data["need"] == ref()


def test_a_second_write_is_a_version_of_the_same_record_with_what_changed() -> None:
    second = user_task("b", inner=reads("st_need") + writes("st_need"), properties={"need.status": "=next"})
    running = case(model(start(), WRITER, second, end(), flows("s", "a", "b", "e"))).start()
    running.do("a", title="T", text="words").do("b", title="T2", next="qualified")
    [write] = running.step.writes
    assert (write.ref.version, write.base) == (2, RecordRef("need", "N-0001", 1))
    assert (write.body, write.status) == ({"title": "T2"}, "qualified")
    assert write.sources == (), "the version before is the base"
    assert [read.ref.version for read in running.step.reads] == [1]
    assert running.data["need"] == ref(version=2)


def test_a_start_event_and_a_catch_event_write() -> None:
    content = model(
        start("s", writes("st_need")),
        catch("t", timer("Duration", "PT1H") + writes("st_goal")),
        end(),
        flows("s", "t", "e"),
    )
    running = case(content).start(title="T", words="W")
    assert [write.element_id for write in running.step.writes] == ["s"]
    running.now = running.step.timers[0].due_at
    assert [write.register for write in running.fire(running.step.timers[0].task_id).step.writes] == ["goal"]


def test_conditions_overlays_and_new_records() -> None:
    settings = {"need.when": "go", "need.body": "{title: upper case(title), extra: 1}", "need.new": "true"}
    task = user_task("a", inner=writes("st_need"), properties=settings)
    content = model(start(), gateway("m"), task, end("e"), flows("s", "m", "a", "m").replace('id="a_m"', 'id="back"'))
    running = case(content).start()
    assert running.do("a", go=False, title="t").step.writes == ()
    assert running.do("a", go=True).step.writes[0].body == {"title": "T", "extra": 1}
    running.do("a")
    assert (running.step.writes[0].ref.id, running.step.writes[0].base) == ("N-0002", None)


def test_later_elements_of_the_step_see_what_was_just_written() -> None:
    content = model(
        start(),
        WRITER,
        gateway("g", default="d"),
        send_task("st", "m", {"payload": "need", "correlationKey": "need.number"}),
        script("x", "shout = need['title'] + '!'"),
        end("e"),
        end("no"),
        flows("s", "a", "g"),
        flow("g", "st", 'need.title = "T" and need.version = 1 and need.status = "captured"'),
        flow("g", "no", identity="d"),
        flows("st", "x", "e"),
        around=message("m", "told"),
    )
    running = case(content).start().do("a", title="T", text="words")
    assert running.registers.loads == 0
    assert running.step.outgoing[0].payload == {
        "title": "T",
        "text": "words",
        "number": "N-0001",
        "version": 1,
        "status": "captured",
    }
    assert running.step.outgoing[0].correlation_key == "N-0001"
    assert running.data["shout"] == "T!"


def test_reading_moves_the_reference_to_the_newest_version() -> None:
    registers = Registers()
    registers.add("need", "N-1", title="old")
    registers.add("need", "N-1", title="new")
    task = user_task("a", inner=reads("st_need"), assignee="${need.title}")
    running = case(model(start(), task, end(), flows("s", "a", "e")), registers).start(need=ref("N-1"))
    assert running.data["need"] == ref("N-1", 2)
    assert running.task("a").assignee == "new"
    assert running.task("a").reads == (RecordRef("need", "N-1", 2),)
    assert not running.step.reads, "read when it is completed"
    running.do("a")
    assert [(read.ref.version, read.element_id) for read in running.step.reads] == [(2, "a")]


def test_what_a_form_showed_is_what_was_read_and_what_the_write_stands_on() -> None:
    registers = Registers()
    registers.add("need", "N-1", title="one")
    task = user_task("a", inner=reads("st_need") + writes("st_need"))
    running = case(model(start(), task, end(), flows("s", "a", "e")), registers).start(need=ref("N-1"))
    registers.add("need", "N-1", title="two")
    shown = (RecordRef("need", "N-1", 2), RecordRef("goal", "G-1", 1))
    running.do("a", shown, title="three")
    assert [read.ref for read in running.step.reads] == [shown[0]], "only what the task reads"
    assert running.step.writes[0].base == shown[0]
    assert running.step.writes[0].ref.version == 3


def test_a_register_with_one_record_is_bound_by_itself() -> None:
    registers = Registers(singletons={"rules": "R"})
    registers.add("rules", "R", days=5)
    task = user_task("a", inner=reads("st_rules"), dueDate='=duration("P" + string(rules.days) + "D")')
    running = case(model(start(), task, end(), flows("s", "a", "e")), registers).start()
    assert running.data["rules"] == ref("R", key="rules")
    due = running.task("a").due_at
    assert due is not None
    assert due.day == 10


def test_a_register_without_a_reference_is_only_consulted() -> None:
    running = case(model(start(), user_task("a", inner=reads("st_goal")), end(), flows("s", "a", "e"))).start()
    assert running.task("a").reads == ()
    assert running.do("a").step.reads == ()


def test_bodies_are_loaded_only_when_a_field_is_asked_for_and_once() -> None:
    registers = Registers()
    registers.add("need", "N-1", title="T")
    content = model(
        start(),
        gateway("g", default="d"),
        end("e"),
        user_task("z"),
        flow("s", "g"),
        flow("g", "e", "need.version > 1 or other.x = 1"),
        flow("g", "z", identity="d"),
        flow("z", "e"),
    )
    running = case(content, registers).start(need=ref("N-1"), other={"x": 2})
    assert registers.loads == 0
    twice = content.replace(b"need.version &gt; 1", b'need.title = "a" or need.title = "b"')
    case(twice, registers).start(need=ref("N-1"), other={})
    assert registers.loads == 1
    assert running.data["need"] == ref("N-1")


def test_references_within_lists_are_records_too_and_stay_references() -> None:
    registers = Registers()
    for number in (1, 2):
        registers.add("need", f"N-{number}", title=f"T{number}")
    loop = multi_instance(collection='needs[title != "T1"]', item="need")
    task = user_task("a", inner=loop + reads("st_need"), assignee="${need.title}")
    running = case(model(start(), task, end(), flows("s", "a", "e")), registers).start(needs=[ref("N-1"), ref("N-2")])
    assert [each.assignee for each in running.step.open_tasks] == ["T2"]
    assert running.sees("a")["need"] == ref("N-2")


def test_instances_bind_for_themselves() -> None:
    registers = Registers()
    for number in (1, 2):
        registers.add("need", f"N-{number}", title="old")
        registers.add("need", f"N-{number}", title="new")
    loop = multi_instance(collection="needs", item="need")
    task = user_task("a", inner=loop + reads("st_need") + writes("st_need"), properties={"resultVariable": "done"})
    content = model(start(), task, user_task("z"), end(), flows("s", "a", "z", "e"))
    running = case(content, registers).start(needs=[ref("N-1"), ref("N-2")])
    assert [each.reads[0] for each in running.step.open_tasks] == [RecordRef("need", f"N-{n}", 2) for n in (1, 2)]
    running.do("a", title="mine")
    assert running.step.writes[0].ref == RecordRef("need", "N-1", 3)
    assert "need" not in running.data
    running.do("a", title="mine too")
    assert running.step.writes[0].ref == RecordRef("need", "N-2", 3)


def test_a_reference_goes_into_a_called_process_and_comes_out() -> None:
    registers = Registers()
    registers.add("need", "N-1", title="T")
    called = process(
        "q",
        store("st_need", "need"),
        start("qs"),
        user_task("x", inner=reads("st_need") + writes("st_need")),
        end("qe"),
        flows("qs", "x", "qe"),
    )
    mappings = into("need", "need") + out("need", "need")
    content = process("p", start(), call("c", "q", mappings), user_task("z"), end(), flows("s", "c", "z", "e"))
    running = Running(source(content), source(called, "q", registers=KNOWN), registers=registers)
    running.start(need=ref("N-1")).do("x", title="T2")
    assert running.data == {"need": ref("N-1", 2)}


def test_a_store_in_another_pool_is_found() -> None:
    other = '<bpmn:process id="other" isExecutable="false">' + store("st_need", "need") + "</bpmn:process>"
    content = definitions(other, process_part("p", start(), WRITER, end(), flows("s", "a", "e")))
    running = Running(source(content, registers=KNOWN)).start().do("a", title="T")
    assert running.step.writes[0].register == "need"


def test_a_script_cannot_overwrite_a_reference() -> None:
    registers = Registers()
    registers.add("need", "N-1", title="T")
    content = model(start(), script("x", "need = 1"), end(), flows("s", "x", "e"))
    with pytest.raises(StepFailed, match="holds a record"):
        case(content, registers).start(need=ref("N-1"))


@pytest.mark.parametrize(("name", "value"), [("need.status", "=1"), ("need.body", '"x"'), ("need.when", '"x"')])
def test_a_setting_of_the_wrong_kind_fails_the_step(name: str, value: str) -> None:
    task = user_task("a", inner=writes("st_need"), properties={name: value})
    running = case(model(start(), task, end(), flows("s", "a", "e"))).start()
    with pytest.raises(StepFailed) as caught:
        running.do("a")
    assert caught.value.element_id == "a"


def test_an_interrupted_activity_writes_nothing() -> None:
    running = case(model(start(), WRITER, end(), flows("s", "a", "e"))).start().cancel()
    assert running.step.writes == ()


def test_a_message_event_writes_what_came() -> None:
    event = catch(
        "c", message_event("m") + writes("st_goal"), properties={"resultVariable": "came", "goal.body": "came"}
    )
    running = case(model(start(), event, end(), flows("s", "c", "e"), around=message("m", "told"))).start()
    assert running.receive("told", {"words": "W"}).step.writes[0].body == {"words": "W"}


def test_what_the_activity_read_is_the_source_of_what_it_writes() -> None:
    registers = Registers()
    registers.add("need", "N-1", title="T")
    task = user_task("a", inner=reads("st_need") + writes("st_goal"))
    running = case(model(start(), task, end(), flows("s", "a", "e")), registers).start(need=ref("N-1"))
    assert running.do("a", words="W").step.writes[0].sources == (RecordRef("need", "N-1", 1),)
