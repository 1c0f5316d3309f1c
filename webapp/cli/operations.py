"""`comity operations`: what service tasks can do here, with inputs, outputs and errors."""

import json
from collections.abc import Mapping
from typing import Any

import click

from engine.operations import Operation, Operations


@click.command(short_help="List what service tasks can have done.")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for other programs.")
def operations(name: str | None, *, as_json: bool) -> None:
    """List the operations that service tasks can name, or say all about the operation NAME.

    What an installed package brings and cannot be used is told on the error stream.
    """
    found = Operations.installed()
    for broken in found.broken:
        click.echo(f"The entry point {broken.name} ({broken.value}) is not used. {broken.reason}", err=True)
    if name is not None and name not in found:
        raise click.BadParameter(f"There is no operation {name!r}. `comity operations` lists them.", param_hint="NAME")
    chosen = [found[name]] if name is not None else list(found.values())
    if as_json:
        click.echo(json.dumps([_facts(each) for each in chosen], indent=2, ensure_ascii=False))
        return
    for each in chosen:
        click.echo(f"{each.name}: {each.title}{' (pure)' if each.pure else ''}")
        click.echo(f"    {each.help}")
        for entry in each.inputs:
            needed = "needed" if entry.required else f"default {json.dumps(entry.default, ensure_ascii=False)}"
            click.echo(f"    in   {entry.name}: {entry.type}, {needed}. {entry.help}")
        for output in each.outputs:
            click.echo(f"    out  {output.name}: {output.type}. {output.help}")
        for error in each.errors:
            click.echo(f"    error {error.code}: {error.help}")
    if not chosen:
        click.echo("There are none. A package brings some by the entry-point group comity.operations.")


def _facts(each: Operation) -> Mapping[str, Any]:
    return {
        "name": each.name,
        "title": each.title,
        "help": each.help,
        "pure": each.pure,
        "inputs": [
            {
                "name": entry.name,
                "type": entry.type,
                "help": entry.help,
                "required": entry.required,
                **({} if entry.required else {"default": entry.default}),
            }
            for entry in each.inputs
        ],
        "outputs": [{"name": output.name, "type": output.type, "help": output.help} for output in each.outputs],
        "errors": [{"code": error.code, "help": error.help} for error in each.errors],
    }
