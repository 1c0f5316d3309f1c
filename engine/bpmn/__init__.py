"""Runs BPMN 2.0.2 processes on SpiffWorkflow: parser, lint, token game, state codec. It knows no database and no web.

`executable` builds what can run, `interpreter` advances a case, `elements` lists what a model may hold, `lint` checks
models, `facts` reads what a process says about itself.
"""
