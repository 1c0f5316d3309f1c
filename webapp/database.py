"""Owns the binding of the engine's tables to Flask-SQLAlchemy, for reading; it makes no engine and writes nothing.

Every write goes through a service of the engine, which opens its own transaction.
"""

from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from engine.persistence.models import Base


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on the process engine's own SQLAlchemy engine: one pool, one set of rules for connections."""

    def bind_to(self, app: Flask, read_engine: sa.Engine) -> None:
        """Let `db.session` of `app` read through `read_engine`."""
        app.extensions["comity.read_engine"] = read_engine
        app.config["SQLALCHEMY_DATABASE_URI"] = read_engine.url
        self.init_app(app)

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> sa.Engine:  # noqa: ARG002
        # A second engine on the same SQLite file would lack the read-only transactions of the first.
        read_engine: sa.Engine = app.extensions["comity.read_engine"]
        return read_engine


db = Database(model_class=Base)
