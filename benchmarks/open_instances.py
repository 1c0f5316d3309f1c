"""Prints what a completion costs in a case in which very many instances are open.

    python benchmarks/open_instances.py [--database sqlite:///FILE | postgresql://...] [--open 10 100 1000]

A case has so many parallel instances of a task, or of a called process with a task and a timer; medians and lower
quartiles of CPU and wall time of completions, and the size of the state. The database has to be empty; the default is
a new SQLite file that is deleted afterwards.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.persistence.models import ProcessInstance
from engine.persistence.statements import TASK
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Actor
from forms.catalog import MarshmallowForms

ANN = Actor("ann", "Ann", frozenset({"staff"}), frozenset({"analysts"}))
COMPLETIONS: Final = 40
_FILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="https://example.org/benchmark">
  <bpmn:process id="{key}" name="{key}" isExecutable="true" camunda:candidateStarterGroups="staff">{content}
  </bpmn:process>
</bpmn:definitions>
"""
_MANY: Final = """
    <bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="many"/>{many}
    <bpmn:sequenceFlow id="f2" sourceRef="many" targetRef="e"/><bpmn:endEvent id="e"/>"""
_INSTANCES: Final = """<bpmn:extensionElements><camunda:properties>
      <camunda:property name="resultVariable" value="results"/></camunda:properties></bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics>
      <bpmn:loopCardinality>{count}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"""
_TASKS: Final = '<bpmn:userTask id="many" name="Work" camunda:candidateGroups="analysts">{instances}</bpmn:userTask>'
_CALLS: Final = '<bpmn:callActivity id="many" name="Call" calledElement="work">{instances}</bpmn:callActivity>'
_WORK: Final = """
    <bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
    <bpmn:userTask id="t" name="Work" camunda:candidateGroups="analysts"/>
    <bpmn:boundaryEvent id="b" cancelActivity="false" attachedToRef="t"><bpmn:timerEventDefinition id="bt">
      <bpmn:timeDuration>PT48H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="e2"/><bpmn:endEvent id="e2"/>
    <bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e"/><bpmn:endEvent id="e"/>"""


def files(count: int) -> dict[str, bytes]:
    """Return the processes with so many instances, by file name."""
    instances = _INSTANCES.format(count=count)
    contents = {
        "tasks": _MANY.format(many=_TASKS.format(instances=instances)),
        "calls": _MANY.format(many=_CALLS.format(instances=instances)),
        "work": _WORK,
    }
    return {f"{key}.bpmn": _FILE.format(key=key, content=content).encode() for key, content in contents.items()}


def run(engine: ProcessEngine, key: str, count: int) -> None:
    """Start a case, complete some of its tasks, and print what that took."""
    case = engine.runtime.start(key, {}, actor=ANN)
    with engine.database.read() as connection:
        of_case = select(TASK.c.id).where(TASK.c.instance_id == case.id, TASK.c.state == "open")
        tasks = connection.execute(of_case.limit(min(COMPLETIONS, count // 2))).scalars().all()
        size = len(connection.execute(select(ProcessInstance.state).where(ProcessInstance.id == case.id)).scalar_one())
    cpu, wall = [], []
    for task in tasks:
        began, at = time.process_time(), time.perf_counter()
        engine.tasks.complete(task, {}, actor=ANN)
        cpu.append((time.process_time() - began) * 1000)
        wall.append((time.perf_counter() - at) * 1000)
    figures = "   ".join(
        f"{name} {median(each):6.2f} ms, lower quartile {quantiles(each, n=4)[0]:6.2f}"
        for name, each in (("CPU", cpu), ("wall", wall))
    )
    print(f"  {key}   {figures}   state {size / 1000:.0f} KB", flush=True)
    engine.runtime.cancel(case.id, "measured", actor=ENGINE)


def main() -> None:
    """Measure each shape with each number of open instances, after a case to warm up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database")
    parser.add_argument("--open", type=int, nargs="+", default=[10, 100, 1000])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = ProcessEngine(given.database or f"sqlite:///{folder}/open.sqlite", MarshmallowForms())
        try:
            engine.migrate()
            for count in (10, *given.open):
                print(f"{count} open instances", flush=True)
                engine.repository.deploy(files(count), name="benchmark", actor=ENGINE)
                run(engine, "tasks", count)
                run(engine, "calls", count)
        finally:
            engine.close()


if __name__ == "__main__":
    main()
