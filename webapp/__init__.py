"""The web application: pages and the command line over the engine."""
