"""The pages, one module for each part of the site; every module owns a blueprint."""

from webapp.pages import (
    account,
    cases,
    failures,
    home,
    import_runs,
    imports,
    outbox,
    people,
    performance,
    processes,
    registers,
    sign_in,
    start,
    tasks,
    support,
)

BLUEPRINTS = (
    home.home,
    home.health,
    sign_in.pages,
    tasks.pages,
    start.pages,
    cases.pages,
    registers.pages,
    imports.pages,
    support.pages,
    import_runs.pages,
    processes.pages,
    performance.pages,
    outbox.pages,
    failures.pages,
    people.pages,
    account.pages,
)
