"""How counts read in sentences: 1 case, 2 cases, 1,000 cases."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return `count` with what is counted: `one` of it, or `many` (with an s when not given); thousands apart."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def all_counted(count: int, one: str, many: str | None = None) -> str:
    """Return as `counted` how all of them are named at the beginning of a sentence: none, the only one, two, more."""
    several = many or f"{one}s"
    return {0: f"No {several}", 1: f"1 {one}", 2: f"Both {several}"}.get(count, f"All {count:,} {several}")
