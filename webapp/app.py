"""Composition root of the web application: one Flask app over one process engine; it holds no rule of its own."""

from flask import Flask

from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms
from webapp import (
    errors,
    expired_forms,
    form_view,
    headers,
    manual,
    names,
    navigation,
    rest,
    sessions,
    static_files,
    telling,
    words,
)
from webapp.case_view import AUDIENCES
from webapp.config import Config
from webapp.database import db
from webapp.pages import BLUEPRINTS
from webapp.pictures import of_models
from webapp.sign_in_gate import SignInGate

LONGEST_FIELD_BYTES = 1_000_000
MOST_FORM_PARTS = 2_000


def create_app(config: Config, engine: ProcessEngine | None = None) -> Flask:
    """Return the application for `config`, over `engine` or one of its own on `config.database_url`.

    The tables have to be there (`ProcessEngine.migrate`). Whoever calls this also runs the scheduler and closes the
    engine.
    """
    app = Flask("webapp")
    process_engine = engine or ProcessEngine(config.database_url, MarshmallowForms(), clock=config.clock)
    forms = process_engine.forms if isinstance(process_engine.forms, MarshmallowForms) else MarshmallowForms()
    gate = SignInGate(config.sign_ins_at_once)
    app.extensions.update(
        {"comity": process_engine, "comity.config": config, "comity.forms": forms, "comity.gate": gate}
    )
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=config.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=LONGEST_FIELD_BYTES,
        MAX_FORM_PARTS=MOST_FORM_PARTS,
        SESSION_COOKIE_NAME="comity",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.https,
    )
    app.jinja_env.filters["event_line"] = telling.event_line
    app.jinja_env.globals.update(audiences=AUDIENCES, pictures=of_models)
    db.bind_to(app, process_engine.database.reader)
    # The order counts: requests are numbered first; who is not signed in is asked to before any form is judged.
    errors.install(app)
    headers.install(app, https=config.https)
    rest.answer_strangers(app)
    sessions.install(app)
    protection = expired_forms.install(app, minutes=config.session_hours * 60)
    static_files.install(app)
    words.install(app)
    names.install(app)
    manual.install(app)
    form_view.install(app)
    navigation.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    rest.install(protection)
    app.register_blueprint(rest.rest)
    return app
