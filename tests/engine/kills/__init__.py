"""Kill tests: processes that work on one database are killed with SIGKILL at random moments; nothing may be lost."""
