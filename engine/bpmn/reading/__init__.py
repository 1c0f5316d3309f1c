"""From a file to what can run: each flow node becomes a spec, and specs become processes."""
