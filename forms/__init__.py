"""Forms: form-js definitions turned into validation and accessible HTML; knows no database and no web framework."""

from forms.catalog import MarshmallowForms
from forms.form import Form
from forms.parsing import parse

__all__ = ["Form", "MarshmallowForms", "parse"]
