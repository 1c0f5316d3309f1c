"""The shipped process definitions; data only."""
