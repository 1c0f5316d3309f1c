"""What a BPMN file says, before anything runs: elements, extensions, texts of timers and retries, facts for pages."""
