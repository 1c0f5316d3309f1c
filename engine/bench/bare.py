"""Owns what the engine is held against: SpiffWorkflow as it comes, in memory and with its own JSON round trip."""
# ruff: noqa: SLF001 - SpiffWorkflow has no public way to cut its history off

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.camunda.parser import CamundaParser
from SpiffWorkflow.camunda.serializer.config import CAMUNDA_CONFIG
from SpiffWorkflow.util.task import TaskState

from engine.bench.model import AGAIN, KEY, NOTE, model


class Specs:
    """The process of the benchmarks as SpiffWorkflow's own parser reads it."""

    def __init__(self) -> None:
        parser = CamundaParser()
        parser.add_bpmn_str(model('"PT48H"'))
        self.process, self.called = parser.get_spec(KEY), parser.get_subprocess_specs(KEY)


class InMemory:
    """A case in memory, with its finished history cut off after every step."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
        self.start()

    def start(self) -> None:
        """Start a case anew, up to its first user task."""
        self.workflow = BpmnWorkflow(self.specs.process, self.specs.called)
        self.workflow.task_tree.data.update({"note": NOTE})
        self.workflow.do_engine_steps()
        self._prune()

    def complete(self) -> None:
        """Complete the task that waits, so that it comes again."""
        _complete(self.workflow)
        self._prune()

    def _prune(self) -> None:
        """Hang the last finished task above everything that is unfinished under the root, and drop what is between."""
        tasks, root = self.workflow.tasks, self.workflow.task_tree
        live = set()
        for task in list(tasks.values()):
            above = task if task.has_state(TaskState.NOT_FINISHED_MASK) else None
            while above is not None and above.id not in live:
                live.add(above.id)
                above = tasks.get(above._parent)
        current = root
        while True:
            below = [tasks[child] for child in current._children if child in live]
            if len(below) != 1 or not below[0].has_state(TaskState.FINISHED_MASK):
                break
            current = below[0]
        if current is root or current._parent == root.id:
            return
        keep, left = {root.id}, [current]
        while left:
            task = left.pop()
            keep.add(task.id)
            left += [tasks[child] for child in task._children]
        for identity in [each for each in tasks if each not in keep]:
            del tasks[identity]
        root._children, current._parent = [current.id], root.id


class RoundTrip:
    """A case that is read from JSON and written to JSON around every step, as SpiffWorkflow's serialiser does it."""

    def __init__(self, specs: Specs) -> None:
        self._serialiser = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(CAMUNDA_CONFIG))
        workflow = BpmnWorkflow(specs.process, specs.called)
        workflow.task_tree.data.update({"note": NOTE})
        workflow.do_engine_steps()
        self.state: str = self._serialiser.serialize_json(workflow)

    def advance(self, rounds: int) -> None:
        """Complete so many tasks without storing in between."""
        workflow = self._serialiser.deserialize_json(self.state)
        for _ in range(rounds):
            _complete(workflow)
        self.state = self._serialiser.serialize_json(workflow)

    def complete(self) -> None:
        """Complete the task that waits, and keep the state that was there before: its history grows with each round."""
        workflow = self._serialiser.deserialize_json(self.state)
        _complete(workflow)
        self._serialiser.serialize_json(workflow)


def _complete(workflow: BpmnWorkflow) -> None:
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    task.set_data(**AGAIN)
    task.run()
    workflow.do_engine_steps()
