"""Owns the answers to what the engine asks of forms (`engine.forms_protocol.FormCatalog`); it stores no form."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from threading import Lock

from engine.errors import DefinitionRefused
from engine.forms_protocol import FormField, FormRead, OptionSource
from engine.types import Finding, Json
from forms.form import Form
from forms.parsing import parse
from forms.reads import reads


class MarshmallowForms:
    """Forms read from their bytes; the `size` latest stay parsed, by digest of their content. Threads may share it."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._parsed: OrderedDict[bytes, Form] = OrderedDict()
        self._lock = Lock()

    def check(self, content: bytes, file: str) -> tuple[str | None, list[Finding]]:
        """Return the key of the form in `content` (None when it cannot be used) and what is wrong with it."""
        form, findings = parse(content, file)
        return (form.key if form is not None else None), findings

    def validate(
        self,
        content: bytes,
        values: Mapping[str, Json],
        *,
        now: datetime,
        context: Mapping[str, Json],
        options: OptionSource,
    ) -> dict[str, Json]:
        """Return the cleaned values; raise `InputRefused`, or `DefinitionRefused` when the form itself is broken."""
        return self.form(content).validate(values, now=now, context=context, options=options)

    def conform(self, content: bytes, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return `values` as the types of their fields keep them; raise as `validate` does."""
        return self.form(content).conform(values)

    def fields(self, content: bytes) -> Sequence[FormField]:
        """Return the fields of the form in their order; raise `DefinitionRefused` when the form is broken."""
        return self.form(content).fields

    def reads(self, content: bytes) -> Sequence[FormRead]:
        """Return what the form reads from data; raise `DefinitionRefused` when the form is broken."""
        return tuple(reads(self.form(content).parts))

    def form(self, content: bytes) -> Form:
        """Return the form in `content`, for pages; raise `DefinitionRefused` when it is broken."""
        digest = sha256(content).digest()
        with self._lock:
            known = self._parsed.get(digest)
            if known is not None:
                self._parsed.move_to_end(digest)
                return known
        form, findings = parse(content, "form")
        if form is None:
            raise DefinitionRefused(findings)
        with self._lock:
            self._parsed[digest] = form
            while len(self._parsed) > self._size:
                self._parsed.popitem(last=False)
        return form
