"""HTML of forms: the fields, the values to read, and what a browser sends back; it knows no page, session or CSRF."""

from forms.html.rendering import Filled, fill, render
from forms.html.submission import is_refresh, parse_submission
from forms.html.values import render_values

__all__ = ["Filled", "fill", "is_refresh", "parse_submission", "render", "render_values"]
