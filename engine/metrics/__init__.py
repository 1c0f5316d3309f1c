"""What is measured: definitions of measures, figures of one case from its log, distributions, targets; all of it pure.

It knows no database and no page. `engine.measuring` writes what this package computes, `engine.performance` reads it.
"""
