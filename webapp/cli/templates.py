"""`comity element-templates`: what is deployed, to be picked from lists in Camunda Modeler."""

import json

import click

from engine.process_engine import ProcessEngine
from webapp.cli.host import acting_as, with_engine


@click.command("element-templates")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def element_templates(engine: ProcessEngine, *, user: str | None) -> None:
    """Print element templates for Camunda Modeler: registers, operations, groups, forms and decisions.

    Keep them beside the models, or in a folder above:
    comity element-templates > .camunda/element-templates/comity.json
    """
    templates = engine.repository.element_templates(acting_as(engine, user))
    click.echo(json.dumps(templates, indent=2, ensure_ascii=False))
