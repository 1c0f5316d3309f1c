"""Tables, statements and transactions of the engine; it knows no BPMN and no pages."""
