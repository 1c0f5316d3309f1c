"""Owns the making of fields from their JSON, type by type; containers and the form as a whole are read in `parsing`."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Literal, cast

from engine.forms_protocol import Option
from engine.types import Json
from forms.components import CheckboxField, ChoiceField, DateTimeField, Field, NumberField, TextField
from forms.expressions import Formula
from forms.measures import measures, refuse_misplaced, target
from forms.moments import read_moment
from forms.patterns import Pattern
from forms.properties import CUSTOM, VALIDATIONS, WITH_ADORNERS
from forms.source import Source

SHORT_TEXT, LONG_TEXT, LONGEST_TEXT = 500, 10_000, 100_000
"""Characters: of a textfield and of a textarea that give no `maxLength`, and the most that one may give."""
MOST_OPTIONS: Final = 500
_RULE = "form-unsupported-property"


def field(source: Source, common: Mapping[str, Any], key: str) -> Field | None:
    """Return the field that `source` describes, with what all parts have in `common`; None for a type without input."""
    read = _READERS.get(source.type)
    if read is None:
        return None
    validate = source.section("validate")
    for name in sorted(set(validate) - VALIDATIONS.get(source.type, frozenset({"required"}))):
        if validate[name] not in (None, "", False):
            source.refuse("form-validation", f"the validation {name!r} does not exist for this type.", "Remove it.")
    if source.in_row:
        for name in ("readonly", "disabled", "defaultValue"):
            if source.json.get(name) not in (None, False, ""):
                source.refuse(
                    _RULE, f"{name} is not supported within a dynamic list.", "Remove it, or move the field out."
                )
    label = source.text("label")
    label = label if label or source.type == "datetime" else ""
    shared = {
        **common,
        "key": key,
        "label": label,
        "hint": source.text("description"),
        "required": source.flag("required", of=validate),
        "readonly": _readonly(source),
        "disabled": source.flag("disabled"),
        "prefill": _prefill(source),
    }
    refuse_misplaced(source)
    made = read(source, shared, validate)
    if not made.label.strip():
        source.refuse("form-label", "it has no label, so nobody can tell what to enter.", "Give it a label.")
    return made


def _readonly(source: Source) -> bool | Formula:
    value = source.json.get("readonly")
    if isinstance(value, str) and value:
        return source.formula(value, "readonly") or True
    return source.flag("readonly")


def _prefill(source: Source) -> bool:
    given = source.section("properties").get("prefill", "yes")
    if given not in ("yes", "no"):
        source.refuse("form-value", f"the custom property prefill is {given!r}.", "Use yes or no.")
    return bool(given != "no")


def _adorners(source: Source) -> dict[str, Any]:
    appearance = source.section("appearance")
    if source.type not in WITH_ADORNERS:
        return {}
    return {
        "prefix": source.text("prefixAdorner", of=appearance),
        "suffix": source.text("suffixAdorner", of=appearance),
    }


def _similar(source: Source) -> str | None:
    if "similar" not in source.section("properties"):
        return None
    key = source.text("similar", of=source.section("properties")).strip()
    if not key or source.in_row:
        where = "stands within a dynamic list" if source.in_row else "is empty"
        source.refuse(
            "form-options", f"the custom property similar {where}.", "Name a register, or remove the property."
        )
    return key or None


def _register(source: Source) -> str | None:
    if "register" not in source.section("properties") or source.type not in CUSTOM:
        return None
    key = source.text("register", of=source.section("properties")).strip()
    if not key:
        source.refuse(
            "form-options", "the custom property register is empty.", "Name a register, or remove the property."
        )
    return key or None


def _statuses(source: Source) -> tuple[str, ...]:
    properties = source.section("properties")
    if "statuses" not in properties or source.type not in CUSTOM:
        return ()
    listed = [status.strip() for status in source.text("statuses", of=properties).split(",")]
    if "register" not in properties:
        source.refuse(
            "form-options",
            "the custom property statuses stands without register.",
            "Name the register, or remove the property.",
        )
    if not all(listed):
        source.refuse(
            "form-options",
            "the custom property statuses names no status between its commas.",
            "List statuses of the register with commas between them, or remove the property.",
        )
    return tuple(dict.fromkeys(status for status in listed if status))


def _text_default(source: Source) -> str | None:
    return source.text("defaultValue", plain=False) or None


def _text(source: Source, shared: dict[str, Any], validate: Mapping[str, Json]) -> Field:
    multiline = source.type == "textarea"
    longest = source.bound("maxLength", validate, lambda: source.whole("maxLength", 1, LONGEST_TEXT, of=validate))
    shortest = source.bound("minLength", validate, lambda: source.whole("minLength", 0, LONGEST_TEXT, of=validate))
    if isinstance(longest, int) and isinstance(shortest, int) and shortest > longest:
        source.refuse("form-value", "minLength is greater than maxLength.", "Swap them.")
    pattern, expression = None, source.text("pattern", of=validate, plain=False)
    if expression:
        pattern = source.attempt(lambda: Pattern(expression), "form-pattern", "the pattern cannot be used")
    content = validate.get("validationType")
    if content not in (None, "", "custom", "email", "phone"):
        source.refuse(
            "form-validation", f"validationType {content!r} does not exist.", "Use email, phone or a pattern."
        )
    return TextField(
        **shared,
        **_adorners(source),
        default=_text_default(source),
        multiline=multiline,
        min_length=shortest,
        max_length=longest,
        cap=longest if isinstance(longest, int) else LONG_TEXT if multiline else SHORT_TEXT,
        pattern=pattern,
        pattern_message=source.text("patternErrorMessage", of=validate),
        content=cast(Literal["email", "phone"], content) if content in ("email", "phone") else None,
        register=_register(source),
        statuses=_statuses(source),
        target=target(source),
        similar=_similar(source),
    )


def _number(source: Source, shared: dict[str, Any], validate: Mapping[str, Json]) -> Field:
    default = source.number("defaultValue")
    increment = source.number("increment")
    if increment is not None and increment <= 0:
        source.refuse("form-value", "increment has to be greater than zero.", "Mend the number.")
        increment = None
    lowest = source.bound("min", validate, lambda: source.number("min", of=validate))
    highest = source.bound("max", validate, lambda: source.number("max", of=validate))
    if isinstance(lowest, Decimal) and isinstance(highest, Decimal) and lowest > highest:
        source.refuse("form-value", "min is greater than max, so that no number fits.", "Swap them.")
    return NumberField(
        **shared,
        **_adorners(source),
        default=None if default is None else int(default) if default == default.to_integral_value() else float(default),
        minimum=lowest,
        maximum=highest,
        decimals=source.whole("decimalDigits", 0, 15),
        increment=increment,
        as_text=source.flag("serializeToString"),
    )


def _checkbox(source: Source, shared: dict[str, Any], _: Mapping[str, Json]) -> Field:
    return CheckboxField(**shared, default=source.flag("defaultValue") or None)


def _choice(source: Source, shared: dict[str, Any], _: Mapping[str, Json]) -> Field:
    multiple = source.type in ("checklist", "taglist")
    register, values_key = _register(source), source.text("valuesKey", plain=False) or None
    expression = source.json.get("valuesExpression") or None
    values = source.formula(expression, "valuesExpression") if expression is not None else None
    options, listed = _options(source), measures(source)
    outside = [bool(register), listed is not None]
    given = [*outside, bool(values_key), expression is not None, bool(source.json.get("values"))]
    if sum(outside) == 1 and not values_key and expression is None:
        options = ()  # The form editor always writes a first static option; what stands outside is the author's choice.
    elif sum(given) != 1:
        source.refuse(
            "form-options",
            "it has no options." if not any(given) else "its options come from more than one place.",
            "Give it options: static ones, valuesKey, valuesExpression, or the property register or measureOptions.",
        )
    return ChoiceField(
        **shared,
        default=_choice_default(source, options, multiple=multiple),
        multiple=multiple,
        options=options,
        values_key=values_key,
        values=values,
        register=register,
        statuses=_statuses(source),
        measures=listed,
    )


def _options(source: Source) -> tuple[Option, ...]:
    listed = source.json.get("values") or []
    if not isinstance(listed, list) or len(listed) > MOST_OPTIONS:
        source.refuse(
            "form-options", f"values has to be a list of at most {MOST_OPTIONS} options.", "Use a register for more."
        )
        return ()
    options: dict[str, Option] = {}
    for item in listed:
        value = item.get("value") if isinstance(item, dict) else None
        label = (item.get("label") or value) if isinstance(item, dict) else None
        if not isinstance(value, str) or not value or not isinstance(label, str):
            source.refuse(
                "form-options", "an option has no text as its value or label.", "Give every option a value and a label."
            )
        elif value in options:
            source.refuse("form-options", f"the option {value!r} stands twice.", "Give every option its own value.")
        else:
            if label.startswith("=") or "{{" in label:
                source.refuse("form-template", "an option's label holds an expression.", "Write the label out.")
            options[value] = Option(value, label)
    return tuple(options.values())


def _choice_default(source: Source, options: tuple[Option, ...], *, multiple: bool) -> str | tuple[str, ...] | None:
    value = source.json.get("defaultValue")
    if value in (None, "", []):
        return None
    chosen = value if multiple else [value]
    if not isinstance(chosen, list) or not all(isinstance(item, str) for item in chosen):
        source.refuse("form-value", "defaultValue does not fit this type.", "Choose it in the form editor.")
        return None
    unknown = [item for item in chosen if options and item not in {option.value for option in options}]
    if unknown:
        source.refuse("form-options", f"the default {unknown[0]!r} is not among the options.", "Choose one of them.")
        return None
    return tuple(chosen) if multiple else chosen[0]


def _datetime(source: Source, shared: dict[str, Any], _: Mapping[str, Json]) -> Field:
    subtype = source.text("subtype", "date") or "date"
    if subtype not in ("date", "time", "datetime"):
        source.refuse("form-value", f"the subtype {subtype!r} does not exist.", "Use date, time or datetime.")
        subtype = "date"
    kind = cast(Literal["date", "time", "datetime"], subtype)
    labels = [
        source.text(name).strip()
        for name, used in (("dateLabel", kind != "time"), ("timeLabel", kind != "date"))
        if used
    ]
    shared["label"] = shared["label"] or " and ".join(dict.fromkeys(label for label in labels if label))
    made = DateTimeField(
        **shared,
        default=_text_default(source),
        subtype=kind,
        not_past=source.flag("disallowPassedDates"),
        utc=kind != "date" and source.text("timeSerializingFormat") in ("utc_offset", "utc_normalized"),
    )
    if isinstance(made.default, str):
        try:
            read_moment(made.default, made.subtype, utc=made.utc)
        except ValueError:
            source.refuse("form-value", "defaultValue is not a value of this type.", "Choose it in the form editor.")
    return made


_READERS: Final[Mapping[str, Callable[[Source, dict[str, Any], Mapping[str, Json]], Field]]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "checkbox": _checkbox,
    "radio": _choice,
    "select": _choice,
    "checklist": _choice,
    "taglist": _choice,
    "datetime": _datetime,
}
