"""Moving a running case to another version of its process: what fits what, what blocks, and the move itself.

Pure, as everything in `engine.bpmn`. Camunda calls the same thing process instance migration; BPMN 2.0.2 says nothing
of it, so the rules are ours: docs/moving-cases.md has them.
"""

from engine.bpmn.migrating.moving import migrate, standing
from engine.bpmn.migrating.plan import MigrationPlan, Place, plan

__all__ = ["MigrationPlan", "Place", "migrate", "plan", "standing"]
