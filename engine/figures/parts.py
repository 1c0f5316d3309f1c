"""The parts that measures fall into: outcomes, people, groups, interfaces, priorities, scores; reads nothing."""

from collections.abc import Mapping
from typing import Final

from engine.figures.tally import BANDS, Sum, Tally
from engine.figures.values import INTERFACES
from engine.views.performance import Share

_SCORES: Final = ("5", "4", "3", "2", "1")


def parts(tally: Tally) -> dict[str, tuple[Share, ...]]:
    """Return the parts of each measure that has any, by its key; most cases first, priorities and scores in order."""
    ended = tally.ended
    found = {
        "outcomes": _most_first(tally.labels("outcome"), tally.completed, times=False),
        "people": _most_first(tally.labels("person"), ended),
        "groups": _most_first(tally.labels("group"), ended),
        "feedback": _scores(tally),
    }
    for key, beginning in INTERFACES.items():
        used = {label: each for label, each in tally.labels("interface").items() if label.startswith(beginning)}
        found[key] = _most_first(used, ended)
    bands = _bands(tally)
    return {key: shares for key, shares in (found | {"cycle_time": bands, "priorities": bands}).items() if shares}


def _most_first(labels: Mapping[str, Sum], whole: int, *, times: bool = True) -> tuple[Share, ...]:
    found = sorted(labels.items(), key=lambda each: (-each[1].count, each[0]))
    return tuple(
        Share(label, each.count, each.count / whole if whole else 0.0, each.total if times else None, _words(label))
        for label, each in found
    )


def _words(label: str) -> str:
    kind, colon, name = label.partition(":")
    return name if colon and f"{kind}:" in INTERFACES.values() else label


def _scores(tally: Tally) -> tuple[Share, ...]:
    labels = tally.labels("feedback")
    answers = sum(each.count for each in labels.values())
    counts = {score: labels[score].count if score in labels else 0 for score in _SCORES}
    return tuple(Share(score, count, count / answers, name=score) for score, count in counts.items()) if answers else ()


def _bands(tally: Tally) -> tuple[Share, ...]:
    ended = tally.ended
    found = []
    for band in reversed(BANDS):
        count = tally.sum("priority", band).count
        (median,), _ = tally.spread(f"priority_cycle:{band}").percentiles([0.5])
        if ended:
            found.append(Share(band, count, count / ended, name=band.capitalize(), cycle_seconds=median))
    return tuple(found)
