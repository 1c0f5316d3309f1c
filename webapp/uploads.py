"""Owns which uploaded files may be deployed by their names; it reads them and judges no content."""

from collections.abc import Iterable
from typing import Final

from werkzeug.datastructures import FileStorage

from engine.errors import InputRefused

SUFFIXES: Final = (".bpmn", ".dmn", ".form", ".yaml", ".yml")
MOST_FILES: Final = 100


def definitions(uploads: Iterable[FileStorage]) -> dict[str, bytes]:
    """Return the content of `uploads` by name, without folders; raise `InputRefused` for what cannot be deployed."""
    files: dict[str, bytes] = {}
    for upload in uploads:
        # Browsers send a folder's files with their path; the name alone counts.
        name = (upload.filename or "").replace("\\", "/").rpartition("/")[2]
        if not name:
            continue
        if not name.lower().endswith(SUFFIXES):
            raise InputRefused({"files": [f"{name} is none of {', '.join(SUFFIXES)}: leave it out."]})
        if name in files:
            raise InputRefused({"files": [f"{name} was chosen twice: choose each file once."]})
        files[name] = upload.read()
    if not files:
        raise InputRefused({"files": ["Choose at least one .bpmn, .dmn, .form, registers.yaml or process.yaml file."]})
    if len(files) > MOST_FILES:
        raise InputRefused(
            {"files": [f"{len(files)} files are too many for one deployment: choose at most {MOST_FILES}."]}
        )
    return files
