"""The process engine: a plug-in on SpiffWorkflow that runs BPMN on a database; it knows no web framework."""
