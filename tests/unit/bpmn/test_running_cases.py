"""What a running case reads of a framework whose newer versions say keep or take over, in every kind of scope."""

import pytest

from engine.types import Json, RecordRef
from tests.bpmn_cases import Registers, Running, register, source
from tests.bpmn_models import (
    call,
    end,
    flows,
    into,
    multi_instance,
    out,
    process,
    reads,
    start,
    store,
    user_task,
    writes,
)

KNOWN = {"rules": register("rules", "days", "rc", singleton=True)}


def registers(*said: str | None) -> Registers:
    """Return a framework whose versions say these things, in turn."""
    made = Registers(singletons={"rules": "R"}, running_cases={"rules": "rc"})
    for version, text in enumerate(said, start=1):
        add(made, text, days=version)
    return made


def add(made: Registers, said: str | None, **body: Json) -> None:
    made.add("rules", "R", rc=said, **body)


def model(*parts: str, key: str = "p") -> bytes:
    return process(key, store("st", "rules"), *parts)


TWICE = model(
    start(),
    user_task("a", inner=reads("st")),
    user_task("b", inner=reads("st")),
    end(),
    flows("s", "a", "b", "e"),
)


def ref(version: int) -> dict[str, Json]:
    return RecordRef("rules", "R", version).as_json()


def case(content: bytes, made: Registers) -> Running:
    return Running(source(content, registers=KNOWN), registers=made)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (["take_over"], 2),
        ([None], 2),
        (["keep"], 1),
        (["take_over", "keep"], 2),
        (["keep", "take_over"], 3),
        (["keep", "keep"], 1),
    ],
)
def test_a_case_moves_as_the_newer_versions_say(said: list[str | None], read: int) -> None:
    made = registers("take_over")
    running = case(TWICE, made).start()
    for text in said:
        add(made, text)
    running.do("a")
    assert running.data["rules"] == ref(read)
    assert running.task("b").reads == (RecordRef("rules", "R", read),)


def test_a_case_that_holds_none_reads_the_newest() -> None:
    assert case(TWICE, registers("take_over", "keep")).start().data["rules"] == ref(2)


def test_without_the_rule_the_newest_is_read() -> None:
    made = registers("keep")
    made.running_cases.clear()
    running = case(TWICE, made).start()
    add(made, "keep")
    assert running.do("a").data["rules"] == ref(2)


def test_each_instance_reads_by_the_rule() -> None:
    made = registers(None)
    task = user_task("b", inner=multi_instance(collection="[1, 2]", item="x") + reads("st"))
    content = model(start(), user_task("a", inner=reads("st")), task, end(), flows("s", "a", "b", "e"))
    running = case(content, made).start()
    add(made, "keep")
    running.do("a")
    assert [task.reads for task in running.step.open_tasks] == [(RecordRef("rules", "R", 1),)] * 2


def test_a_called_process_reads_by_the_rule_what_it_is_given() -> None:
    made = registers(None)
    called = model(start("qs"), user_task("x", inner=reads("st")), end("qe"), flows("qs", "x", "qe"), key="q")
    given, nothing = into("rules", "rules") + out("rules", "rules"), into("other", "other")
    content = model(
        start(),
        user_task("a", inner=reads("st")),
        call("c", "q", given),
        call("d", "q", nothing),
        end(),
        flows("s", "a", "c", "d", "e"),
    )
    known = [source(content, registers=KNOWN), source(called, "q", registers=KNOWN)]
    running = Running(*known, registers=made).start()
    add(made, "keep")
    assert running.do("a").task("x").reads == (RecordRef("rules", "R", 1),)
    assert running.do("x").task("x").reads == (RecordRef("rules", "R", 2),), "it holds none: the newest"


def test_who_writes_the_next_version_reads_the_newest_and_writes_upon_it() -> None:
    made = registers(None)
    task = user_task("b", inner=reads("st") + writes("st"))
    content = model(start(), user_task("a", inner=reads("st")), task, end(), flows("s", "a", "b", "e"))
    running = case(content, made).start()
    add(made, "keep")
    running.do("a")
    assert running.task("b").reads == (RecordRef("rules", "R", 2),)
    running.do("b", days=9)
    assert (running.step.writes[0].base, running.data["rules"]) == (RecordRef("rules", "R", 2), ref(3))


def test_who_writes_without_reading_writes_upon_the_newest() -> None:
    made = registers(None)
    task = user_task("b", inner=writes("st"))
    content = model(start(), user_task("a", inner=reads("st")), task, end(), flows("s", "a", "b", "e"))
    running = case(content, made).start().do("a")
    add(made, "keep")
    running.do("b", days=9)
    assert running.step.writes[0].base == RecordRef("rules", "R", 2)


def test_a_case_reads_what_it_has_written_itself() -> None:
    made = registers(None)
    content = model(
        start(),
        user_task("a", inner=reads("st") + writes("st")),
        user_task("b", inner=reads("st")),
        end(),
        flows("s", "a", "b", "e"),
    )
    assert case(content, made).start().do("a", rc="keep").task("b").reads == (RecordRef("rules", "R", 2),)
