"""Owns the computing of one case's figures where a fault in it may hold up neither the case nor the other cases."""

import logging
from collections.abc import Sequence
from typing import cast

from sqlalchemy.exc import SQLAlchemyError

from engine.metrics.log_facts import EndedCase, LogEvent
from engine.metrics.own import Resolver
from engine.metrics.process import ManagedProcess
from engine.metrics.summary import CaseFigures, summarise
from engine.persistence.database import AnyRow

log = logging.getLogger(__name__)


def computed(
    case: EndedCase, events: Sequence[AnyRow], process: ManagedProcess, resolve: Resolver
) -> CaseFigures | None:
    """Return the figures of an ended case, from its whole log; None when they cannot be computed, which is logged.

    A case has to end whatever is measured of it: it has no figures then, until they can be computed (recomputing).
    Raises only what the database raises.
    """
    try:
        return summarise(case, cast(Sequence[LogEvent], events), process, resolve)
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("the figures of the case %s could not be computed; it is without figures", case.instance_id)
        return None
