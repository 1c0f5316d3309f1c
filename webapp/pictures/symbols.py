"""Owns the signs of BPMN as outlines around the point (0, 0), some 16 units wide (BPMN 2.0.2 chapter 10); data only."""

from collections.abc import Mapping
from typing import Final

EVENTS: Final[Mapping[str, str]] = {
    "message": "M-8-5.5h16v11h-16z M-8-5.5l8 6 8-6",
    "timer": "M0-8.5a8.5 8.5 0 1 0 .01 0z M0-6v6l3.5 2.5",
    "signal": "M0-7.5l8 13.5h-16z",
    "error": "M-7 6l4.5-12 5 7L7-7 3 6-2-1z",
    "escalation": "M0-8l6 14-6-6-6 6z",
    "conditional": "M-6-8H6V8H-6z M-3.5-4.5h7 M-3.5 0h7 M-3.5 4.5h7",
    "link": "M-8-3h8v-4l8 7-8 7v-4h-8z",
    "compensate": "M0-6v12l-8-6z M8-6v12L0 0z",
    "cancel": "M-6-6L6 6 M-6 6L6-6",
    "terminate": "M0-8a8 8 0 1 0 .01 0z",
    "multiple": "M0-8l8 6-3 9h-10l-3-9z",
}
"""By the kind of event."""

TASKS: Final[Mapping[str, str]] = {
    "userTask": "M0-8a3.5 3.5 0 1 0 .01 0z M-7 7v-3c0-5 14-5 14 0v3z",
    "manualTask": "M-8-1l6-5h3l-3 3h9v2H2v2h5v2H2v2h4v2h-10z",
    "sendTask": "M-8-5.5h16v11h-16z M-8-5.5l8 6 8-6",
    "receiveTask": "M-8-5.5h16v11h-16z M-8-5.5l8 6 8-6",
    "serviceTask": "M0-3.5a3.5 3.5 0 1 0 .01 0z M0-8v3 M0 5v3 M-8 0h3 M5 0h3 "
    "M-5.6-5.6l2 2 M3.6 3.6l2 2 M-5.6 5.6l2-2 M3.6-3.6l2-2",
    "scriptTask": "M-4-7.5h10c-5 5 3 10-2 15h-10c5-5-3-10 2-15z M-2.5-4h5 M-2 0h5 M-2 4h5",
    "businessRuleTask": "M-8-6.5h16v13h-16z M-8-2.5h16 M-8 2h16 M-3-2.5v9",
}
"""By the kind of task."""

GATEWAYS: Final[Mapping[str, str]] = {
    "exclusiveGateway": "M-7-7L7 7 M-7 7L7-7",
    "parallelGateway": "M-10 0h20 M0-10v20",
    "inclusiveGateway": "M0-10a10 10 0 1 0 .01 0z",
    "complexGateway": "M-10 0h20 M0-10v20 M-7-7L7 7 M-7 7L7-7",
    "eventBasedGateway": "M0-12a12 12 0 1 0 .01 0z M0-7l7 5-2.5 8h-9l-2.5-8z",
}
"""By the kind of gateway."""

REPEATS: Final[Mapping[str, str]] = {
    "loop": "M-3 5.5a6 6 0 1 1 5 .5 M-7 6h4v-4",
    "parallel": "M-4-6v12 M0-6v12 M4-6v12",
    "sequential": "M-6-4h12 M-6 0h12 M-6 4h12",
}
"""By the way in which an activity is repeated."""

COLLAPSED: Final = "M-7-7h14v14h-14z M-4 0h8 M0-4v8"
TICK: Final = "M-4 0l3 3.5 6-7"
