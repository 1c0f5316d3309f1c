"""The kinds of event that the activity log holds: `source.action`, past tense; how they are stored is not known."""

from typing import Final

CASE_STARTED: Final = "case.started"
CASE_COMPLETED: Final = "case.completed"
CASE_CANCELLED: Final = "case.cancelled"
CASE_MIGRATED: Final = "case.migrated"
CASE_MODIFIED: Final = "case.modified"
ACTIVITY_STARTED: Final = "activity.started"
ACTIVITY_COMPLETED: Final = "activity.completed"
ACTIVITY_CANCELLED: Final = "activity.cancelled"
ACTIVITY_SKIPPED: Final = "activity.skipped"
TOKEN_MOVED: Final = "token.moved"  # noqa: S105 - a token of the flow, no secret
TASK_CLAIMED: Final = "task.claimed"
TASK_RELEASED: Final = "task.released"
TASK_ASSIGNED: Final = "task.assigned"
TASK_COMMENTED: Final = "task.commented"
MESSAGE_SENT: Final = "message.sent"
MESSAGE_RECEIVED: Final = "message.received"
RECORD_WRITTEN: Final = "record.written"
FRAMEWORK_ADOPTED: Final = "framework.adopted"
FAILURE_RECORDED: Final = "failure.recorded"
FAILURE_RESOLVED: Final = "failure.resolved"
FEEDBACK_GIVEN: Final = "feedback.given"

MENDED: Final = frozenset((CASE_MODIFIED, TOKEN_MOVED, ACTIVITY_SKIPPED))
"""What operators did to a case by hand: no work on it."""

KINDS: Final = frozenset(value for name, value in globals().items() if name.isupper() and isinstance(value, str))
"""Every kind there is; the log refuses others."""
