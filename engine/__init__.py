"""The process engine: a plug-in on SpiffWorkflow that runs BPMN on a database of its host. It knows no web framework."""
