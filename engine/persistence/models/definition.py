"""Deployments and what they hold: files, and process definitions with versions."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn, Key
from engine.types import Json


class Deployment(Base):
    """One act of deploying a set of files."""

    __tablename__ = "deployment"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(Key)
    source: Mapped[str] = mapped_column(Key)
    deployed_at: Mapped[datetime] = mapped_column(index=True)
    deployed_by: Mapped[str] = mapped_column(Id)


class Resource(Base):
    """A file as it was deployed. `kind`: bpmn, dmn, form, registers, process.

    `key`: form key, decision key or key of a managed process; the file name or the keys of registers for others.
    """

    __tablename__ = "resource"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"), index=True)
    kind: Mapped[str] = mapped_column(Id)
    key: Mapped[str] = mapped_column(Key)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Key)
    digest: Mapped[str] = mapped_column(Id)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class ProcessDefinition(Base):
    """A version of an executable process. `facts` holds what the parser found (see engine.bpmn.model.facts)."""

    __tablename__ = "process_definition"
    __table_args__ = (UniqueConstraint("key", "version"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Key)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Key)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"), index=True)
    resource_id: Mapped[str] = mapped_column(ForeignKey("resource.id"))
    digest: Mapped[str] = mapped_column(Id)
    owner_group: Mapped[str | None] = mapped_column(Key)
    startable: Mapped[bool]
    facts: Mapped[Json] = mapped_column(JsonColumn)
    registers: Mapped[Json] = mapped_column(JsonColumn)
    """the registers that it reads and writes, as they were at its deployment (`RegisterFacts` by key)"""
    documentation: Mapped[str | None] = mapped_column(Text)


class DefinitionResource(Base):
    """The exact form or decision file that a process definition uses, pinned at its deployment.

    `kind`: form, dmn, or library for a file that a decision file imports (its key is the file name).
    """

    __tablename__ = "definition_resource"
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    resource_id: Mapped[str] = mapped_column(ForeignKey("resource.id"))
