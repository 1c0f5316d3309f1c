"""Owns the one fact that modelers ask for before anything else: the version."""

from importlib.metadata import version as version_of

from flask import Response, jsonify


def version() -> Response:
    """Answer with the version of Comity, which is no version of Camunda."""
    return jsonify({"version": version_of("comity")})
