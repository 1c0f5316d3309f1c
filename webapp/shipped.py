"""The definitions that come with the product, read from the installed packages; it deploys nothing."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from engine.bpmn.model.facts import processes_in
from engine.registers.definition import parse

_MODELS = (".bpmn", ".dmn")
_NAMES = ("registers.yaml", "process.yaml")
_SHARED = "management"


def areas() -> dict[str, dict[str, bytes]]:
    """Return the files of every process area by its folder: models, decisions, registers, process, forms.

    What all areas call comes first.
    """
    found = {}
    for folder in sorted(files("workflows").iterdir(), key=lambda entry: (entry.name != _SHARED, entry.name)):
        models = _models(folder) if folder.is_dir() else {}
        if models:
            found[folder.name] = {**models, **_forms(models)}
    return found


def _models(folder: Traversable) -> dict[str, bytes]:
    return {
        entry.name: entry.read_bytes()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(_MODELS) or entry.name in _NAMES
    }


def _forms(models: dict[str, bytes]) -> dict[str, bytes]:
    keys: set[str] = set()
    for name, content in models.items():
        if name.endswith(".bpmn"):
            for process in processes_in(content, name):
                keys.update(process.forms)
                keys.update(message.form for message in process.receives if message.form)
        elif name == "registers.yaml":
            keys.update(register.form for register in parse(content, name)[0])
    available = {entry.name: entry for entry in files("forms").iterdir() if entry.name.endswith(".form")}
    return {f"{key}.form": available[f"{key}.form"].read_bytes() for key in sorted(keys) if f"{key}.form" in available}
