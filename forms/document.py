"""Owns the reading of a form file's bytes into JSON values, safely; it knows nothing of forms but their limits.

Refused here: files over 1 MB, other encodings than UTF-8, broken JSON, keys that occur twice, numbers that are none,
too deep nesting, and texts with control characters or half surrogate pairs (which no page could show).
"""

import json
import math
from collections import Counter
from typing import Never

from engine.types import Json
from forms.characters import first_forbidden
from forms.findings import Report

LARGEST = 1_000_000
DEEPEST = 40


def read(content: bytes | str, file: str) -> tuple[Json, Report]:
    """Return the JSON document in `content`, None when it is unusable, and the report of what is wrong with it."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        size = len(content) if isinstance(content, bytes) else len(text.encode("utf-8"))
    except UnicodeError:
        report = Report(file)
        report.add("form-json", "The file is not UTF-8 text.", "Save it as UTF-8.")
        return None, report
    if size > LARGEST:
        report = Report(file)
        report.add("form-size", f"The file has {size:,} bytes; {LARGEST:,} are the limit.", "Split the form.")
        return None, report
    report = Report(file, text)
    document = _load(text, report)
    if document is not None and _is_sound(document, report):
        return document, report
    return None, report


def _load(text: str, report: Report) -> Json:
    def unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            twice = sorted(key for key, count in counts.items() if count > 1)
            element = next((found[place] for place in ("id", "key") if isinstance(found.get(place), str)), None)
            report.add(
                "form-duplicate-property",
                f"The property {', '.join(map(repr, twice[:5]))} stands twice in the same object.",
                "Keep one of them.",
                element=element,
            )
        return found

    def no_constant(name: str) -> Never:
        raise ValueError(f"{name} is not JSON")

    try:
        document = json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        report.add(
            "form-json", f"This is not JSON: {error.msg}.", "Mend the file, or export it again.", line=error.lineno
        )
    except RecursionError:
        report.add("form-nesting", f"Parts are nested deeper than {DEEPEST} levels.", "Flatten the form.")
    except ValueError as error:
        report.add("form-json", f"This is not JSON: {error}.", "Mend the file, or export it again.")
    else:
        if isinstance(document, dict):
            return document
        report.add(
            "form-json",
            "A form is a JSON object with `components`.",
            "Open the file in the form editor and save it anew.",
        )
    return None


def _is_sound(document: Json, report: Report) -> bool:
    waiting: list[tuple[Json, int]] = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            report.add("form-nesting", f"Parts are nested deeper than {DEEPEST} levels.", "Flatten the form.")
            return False
        if isinstance(value, dict):
            waiting.extend((key, depth) for key in value)
            waiting.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value)
        elif isinstance(value, float) and not math.isfinite(value):
            report.add("form-json", "A number is too large to be held.", "Use numbers below 10 to the power of 308.")
            return False
        elif isinstance(value, str) and (bad := first_forbidden(value)) is not None:
            report.add(
                "form-text",
                f"A text holds the character U+{ord(value[bad]):04X}: {value[:40]!a}.",
                "Remove that character.",
            )
            return False
    return True
