"""Owns the check of what cases write into registers against the forms that type the records; it writes nothing.

Required fields and conditions are not looked at: a record in an early status may lack what a later step adds.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.cache import Cache
from engine.errors import InputRefused, StepFailed
from engine.forms_protocol import FormCatalog
from engine.persistence.models import Resource
from engine.registers.definition import RegisterDefinition
from engine.types import Json, RecordWrite

_CONTENT: Final = select(Resource.content).where(Resource.id == bindparam("resource"))
_HELD: Final = 200


class Bodies:
    """Checks the bodies that cases write. Threads may share it: files never change, so they are held by their id."""

    def __init__(self, forms: FormCatalog) -> None:
        self._forms = forms
        self._contents: Cache[str, bytes] = Cache(_HELD)

    def form(self, connection: Connection, resource_id: str) -> bytes:
        """Return the content of the form that is held in that resource; it is read once for all steps."""
        sought = {"resource": resource_id}
        return self._contents.get(resource_id, lambda: connection.execute(_CONTENT, sought).scalar_one())

    def checked(
        self, content: bytes, definition: RegisterDefinition, write: RecordWrite, base: Mapping[str, Json]
    ) -> dict[str, Json]:
        """Return the whole body: the fields that change, as the form `content` types them, laid over those of `base`.

        What an earlier version holds is not checked again, so that a form that was changed since holds no case up.
        Raises `StepFailed` that names the element, the register and the fields that do not fit.
        """
        if write.status is not None and definition.statuses and write.status not in definition.statuses:
            raise _misfit(definition, write, [f"{write.status!r} is none of its statuses."])
        known = {field.key.partition(".")[0] for field in self._forms.fields(content)}
        dropped = {name: value for name, value in write.body.items() if name in base and name not in known}
        try:
            typed = self._forms.conform(content, {k: v for k, v in write.body.items() if k not in dropped})
        except InputRefused as refused:
            raise _misfit(
                definition, write, [f"{place}: {' '.join(texts)}" for place, texts in refused.messages.items()]
            ) from refused
        kept = {name: value for name, value in base.items() if name not in write.body}
        return {**kept, **typed, **dropped}


def _misfit(definition: RegisterDefinition, write: RecordWrite, reasons: list[str]) -> StepFailed:
    return StepFailed(
        f"what it writes does not fit the register {definition.name} ({write.ref.id}): {' '.join(reasons)} "
        f"Mend the model, or the form {definition.form!r}; then let the step be done again.",
        element_id=write.element_id,
    )
