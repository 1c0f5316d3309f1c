"""Owns a process whose one task shows many records and asks many questions whose answers stand in registers."""

from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Json
from tests.bpmn_models import end, flows, process, reads, start, store, user_task, writes
from tests.engine.stage import form

_REGISTER = (
    "  - {{key: {key}, name: Things {key}, variable: {key}, prefix: {prefix}, form: thing, title: title,"
    " readers: [staff], maintainers: [owners]}}\n"
)


def naming(key: str, register: str = "customers") -> dict[str, Json]:
    """Return a field whose options are the records of a register."""
    return {"type": "select", "key": key, "label": key.capitalize(), "properties": {"register": register}}


def add_customers(engine: ProcessEngine, number: int) -> None:
    """Add customers `c0`, `c1`, ... to the site's register."""
    for count in range(number):
        engine.registers.save("customers", None, {"code": f"c{count}", "name": f"Customer {count}"}, actor=ENGINE)


def deploy(engine: ProcessEngine, records: int, fields: int) -> None:
    """Deploy the process `laden`: its task reads a record of each of so many registers, and has so many choices.

    Each record names two customers, and each field of the form offers them.
    """
    keys = [f"part{number}" for number in range(records)]
    inner = "".join(writes(f"w_{key}") for key in keys)
    task = user_task("a", inner="".join(reads(f"r_{key}") for key in keys), formRef="choices", candidateGroups="desk")
    stores = (store(f"{way}_{key}", key) for key in keys for way in "rw")
    begin = start("s", inner=inner, form="thing")
    model = process("laden", begin, task, end(), *stores, flows("s", "a", "e"), candidateStarterGroups="staff")
    registers = "".join(_REGISTER.format(key=key, prefix=key.upper()) for key in keys)
    engine.repository.deploy(
        {
            "laden.bpmn": model,
            "registers.yaml": f"registers:\n{registers}".encode(),
            "thing.form": form("thing", "title", naming("one"), naming("other")),
            "choices.form": form("choices", *(naming(f"choice{number}") for number in range(fields))),
        },
        name="Laden",
        actor=ENGINE,
    )


def begin(engine: ProcessEngine, records: int) -> str:
    """Start a case whose records name two customers each, others each time; return the id of its task."""
    case = engine.runtime.start("laden", {"title": "A"}, actor=ENGINE)
    (task,) = engine.history.case(case.id, ENGINE).tasks
    for number, read in enumerate(engine.tasks.get(task.id, ENGINE).reads):
        values = {"title": f"Thing {number}", "one": f"c{2 * number}", "other": f"c{2 * number + 1}"}
        engine.registers.save(read.ref.register, read.ref.id, values, actor=ENGINE, base=read.ref.version)
    assert number + 1 == records
    return task.id
