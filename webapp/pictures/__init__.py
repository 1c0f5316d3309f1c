"""Models drawn on the server as SVG, for readers without scripts."""
