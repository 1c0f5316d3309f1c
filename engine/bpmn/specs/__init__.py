"""What each kind of flow node does with a token: SpiffWorkflow task specs that a run never changes."""
