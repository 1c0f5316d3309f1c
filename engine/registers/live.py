"""Owns the deployed registers as a step meets them: read when the first one is asked for; most steps touch none."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from engine.registers import catalog
from engine.registers.definition import RegisterDefinition


class Registers(Mapping[str, RegisterDefinition]):
    """The registers by key, with their forms and numbers. Valid as long as `connection` is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: Mapping[str, catalog.Deployed] | None = None

    def deployed(self) -> Mapping[str, catalog.Deployed]:
        """Return the registers with what stands beside their definitions: one statement for all, the first time."""
        if self._found is None:
            self._found = catalog.load_deployed(self._connection)
        return self._found

    def __getitem__(self, key: str) -> RegisterDefinition:
        return self.deployed()[key].definition

    def __iter__(self) -> Iterator[str]:
        return iter(self.deployed())

    def __len__(self) -> int:
        return len(self.deployed())
