"""Moves of running cases to another version of their process: the plan, a preview, the start, what became of them.

Migrations of the database's tables are something else: `engine.persistence.migrations`.
"""

from engine.case_migrations.service import CaseMigrationService

__all__ = ["CaseMigrationService"]
