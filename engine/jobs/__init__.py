"""What runs because it is due: timers, starts, calls of operations, and trying again what failed."""
