"""Tests of what is measured, without a database."""
