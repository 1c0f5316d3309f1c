"""Work products: what a register is, how its records are numbered, versioned, related and read.

It knows no BPMN and no pages.
"""
