"""Owns which properties a component of each type may have; it knows what they are, not what they mean.

The lists follow the form-js JSON schema (version 19). Properties that only arrange or decorate are known, and have no
effect here.
"""

from collections.abc import Mapping
from typing import Final

_EVERY: Final = {"type", "id", "layout", "conditional", "properties"}
_FIELD: Final = _EVERY | {
    "key",
    "label",
    "description",
    "disabled",
    "readonly",
    "validate",
    "defaultValue",
    "appearance",
}
_CHOICE: Final = _FIELD | {"values", "valuesKey", "valuesExpression", "searchable"}

ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(names)
    for kind, names in {
        "textfield": _FIELD,
        "textarea": _FIELD,
        "number": _FIELD | {"decimalDigits", "increment", "serializeToString"},
        "checkbox": _FIELD,
        "radio": _CHOICE,
        "select": _CHOICE,
        "checklist": _CHOICE,
        "taglist": _CHOICE,
        "datetime": _FIELD
        | {
            "subtype",
            "dateLabel",
            "timeLabel",
            "use24h",
            "timeSerializingFormat",
            "timeInterval",
            "disallowPassedDates",
        },
        "expression": _EVERY | {"key", "expression", "computeOn", "label"},
        "group": _EVERY | {"label", "path", "components", "showOutline", "verticalAlignment"},
        "dynamiclist": _EVERY
        | {"label", "path", "components", "showOutline", "verticalAlignment", "isRepeating", "allowAddRemove"}
        | {"defaultRepetitions", "disableCollapse", "nonCollapsedItems"},
        "text": _EVERY | {"text", "strict"},
        "image": _EVERY | {"source", "alt"},
        "separator": _EVERY,
        "spacer": _EVERY | {"height"},
        "button": _EVERY | {"label", "action", "key"},
    }.items()
}
"""The properties that a component of each supported type may have."""

REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "html": (
        "Raw HTML is not shown, so that no form can run scripts in a reader's page.",
        "Use a text component with Markdown.",
    ),
    "iframe": ("Foreign pages are not embedded.", "Link to the page from a text component."),
    "table": ("Tables are not supported.", "List the values in a text component, or use a dynamic list."),
    "documentPreview": ("Previews of documents are not supported.", "Link to the document from a text component."),
    "filepicker": ("Files cannot be handed in with a form.", "Ask for a link to the document in a text field."),
}
"""Component types of form-js that are refused: why, and what to use instead."""

VALIDATIONS: Final[Mapping[str, frozenset[str]]] = {
    "textfield": frozenset({"required", "minLength", "maxLength", "pattern", "patternErrorMessage", "validationType"}),
    "textarea": frozenset({"required", "minLength", "maxLength", "pattern", "patternErrorMessage", "validationType"}),
    "number": frozenset({"required", "min", "max"}),
}
"""The validations of each type that has more than `required`."""

CUSTOM: Final[Mapping[str, frozenset[str]]] = {
    "textfield": frozenset({"register", "statuses", "target", "similar"}),
    "textarea": frozenset({"similar"}),
    **{
        kind: frozenset({"register", "statuses", "managedProcess", "measureOptions"})
        for kind in ("radio", "select", "checklist", "taglist")
    },
}
"""The custom properties that have a meaning here; others are the author's own and are left alone."""

WITH_ADORNERS: Final = frozenset({"textfield", "number"})
DOCUMENT: Final = frozenset(
    {
        "type",
        "id",
        "title",
        "schemaVersion",
        "executionPlatform",
        "executionPlatformVersion",
        "versionTag",
        "exporter",
        "components",
    }
    | {"properties", "$schema"}
)
"""What a form has at its top; anything else there belongs to other programs."""
