"""Owns whether forms and the registers that they meet fit one another: statuses to choose by, names of fields.

A misfit would show as an empty list or as a value that nobody can read; no single file is wrong by itself.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from engine.registers.definition import RegisterDefinition
from engine.registers.writes import FACTS
from engine.repository.shelf import UploadCatalog
from engine.repository.upload import Upload
from engine.types import Finding, Severity

RULES: Final[Mapping[str, Severity]] = {"form-register": "error", "form-statuses": "error", "register-fact": "error"}
"""The rules for forms and registers that docs/lint-rules.md explains."""


def form_findings(upload: Upload, catalog: UploadCatalog) -> Iterator[Finding]:
    """Find fields that choose by a status which their register does not have, and fields that a fact would hide."""
    for key, file in upload.forms.items():
        for field in catalog.form_parts(key):
            register = catalog.all_registers.get(field.register or "")
            if register is None:
                continue
            for status in field.statuses:
                if status not in register.statuses:
                    there = ", ".join(register.statuses) or "none"
                    yield Finding(
                        file.name,
                        "form-statuses",
                        f"The field {field.key!r} asks for records with the status {status!r}, which {register.key!r} "
                        "does not have: the list would be empty.",
                        f"Use statuses of the register: {there}.",
                        _line(file.content, field.key),
                        field.key,
                    )
    for register in catalog.all_registers.values():
        if register.key in upload.registers or register.form in upload.forms:
            yield from _hidden(upload, catalog, register)


def _hidden(upload: Upload, catalog: UploadCatalog, register: RegisterDefinition) -> Iterator[Finding]:
    form = upload.forms.get(register.form)
    beside = (file.name for file, keys in upload.register_files.values() if register.key in keys)
    for name in catalog.form_fields(register.form) or ():
        if name in FACTS:
            yield Finding(
                form.name if form else next(beside, "registers.yaml"),
                "register-fact",
                f"Records of {register.key!r} have a {name} of their own, which hides the field {name!r} of the form "
                f"{register.form!r} wherever a record is read.",
                "Give the field another key.",
                _line(form.content, name) if form else None,
                name,
            )


def _line(content: bytes, key: str) -> int | None:
    """Return the line of a form on which the key of a field stands."""
    name = json.dumps(key.rpartition(".")[2])
    found = re.search(rf'"(?:key|path)"\s*:\s*{re.escape(name)}', content.decode("utf-8", "replace"))
    return None if found is None else content.decode("utf-8", "replace").count("\n", 0, found.start()) + 1
