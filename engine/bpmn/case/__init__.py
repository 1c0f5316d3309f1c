"""A running case in memory: scopes, tokens, data, and the stored state it comes from and becomes."""
