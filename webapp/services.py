"""Owns how a page reaches the engine and the person who asks; it decides nothing."""

from datetime import datetime
from typing import cast

from flask import current_app
from flask_login import current_user

from engine.process_engine import ProcessEngine
from engine.types import Actor
from forms.catalog import MarshmallowForms
from webapp.config import Config
from webapp.sign_in_gate import SignInGate


def engine() -> ProcessEngine:
    """Return the process engine of the running application."""
    return cast("ProcessEngine", current_app.extensions["comity"])


def forms() -> MarshmallowForms:
    """Return the forms of the running application, parsed once each."""
    return cast("MarshmallowForms", current_app.extensions["comity.forms"])


def config() -> Config:
    """Return the settings of the running application."""
    return cast("Config", current_app.extensions["comity.config"])


def sign_in_gate() -> SignInGate:
    """Return what lets requests to the passwords of the running application."""
    return cast("SignInGate", current_app.extensions["comity.gate"])


def actor() -> Actor:
    """Return the signed-in person; only pages that ask for a sign-in may call this."""
    return cast("Actor", current_user.actor)


def now() -> datetime:
    """Return the present instant (UTC) by the application's clock."""
    return config().clock()
