"""`comity element-templates`: what is deployed, to be picked from lists in Camunda Modeler."""

import json

import click

from webapp.cli.host import Host, acting_as


@click.command("element-templates", short_help="Print element templates for Camunda Modeler.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@click.pass_obj
def element_templates(host: Host, *, user: str | None) -> None:
    """Print element templates for Camunda Modeler: registers, operations, groups, forms and decisions.

    Keep them beside the models, or in a folder above:
    comity element-templates > .camunda/element-templates/comity.json
    """
    if host.absent:
        raise click.ClickException("There is no database here. Name the one with the processes: comity --database URL.")
    with host.engine() as engine:
        templates = engine.repository.element_templates(acting_as(engine, user))
    click.echo(json.dumps(templates, indent=2, ensure_ascii=False))
