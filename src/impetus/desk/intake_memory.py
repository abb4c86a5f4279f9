"""What the rules of ingest remember after a restart: the tail of the bus, and history's last word."""

import logging
from typing import Final

import numpy as np

from impetus.core.admission import State, recall, recall_newest
from impetus.core.errors import Malformed
from impetus.core.ids import DatastreamId, Offset
from impetus.core.observation import Batch, Catalogue, concatenate
from impetus.desk.context import OBSERVATIONS, Desk
from impetus.desk.resends import Resends, digest_of

LOGGER = logging.getLogger(__name__)
RECALLED_MESSAGES: Final = 2048
"""Messages of the bus read again at a start: ten seconds at full load, hours at a city's usual. House rule."""


def recall_taken(desk: Desk, catalogue: Catalogue, state: State, resends: Resends) -> None:
    """Rebuild state and known batches from what was made durable before; changes both in place.

    A message that cannot be read is passed over with a warning: ingest must come up.
    """
    after = Offset(max(0, desk.bus.status(OBSERVATIONS).last - RECALLED_MESSAGES))
    while messages := desk.bus.read(OBSERVATIONS, after):
        batches = [batch for message in messages if (batch := _decoded(desk, message.body)) is not None]
        recall(state, concatenate(batches))
        for batch in batches:
            _know(batch, catalogue, resends)
        after = messages[-1].offset
    recall_newest(state, desk.history.latest())


def _decoded(desk: Desk, body: bytes) -> Batch | None:
    try:
        return desk.columns.decode(body)
    except Malformed as error:
        LOGGER.warning("a message of the bus cannot be read and is passed over: %s", error.detail)
        return None


def _know(batch: Batch, catalogue: Catalogue, resends: Resends) -> None:
    """Know a batch again when its sender, who never got the receipt, sends it once more."""
    datastream = catalogue.datastreams.get(DatastreamId(int(batch.datastream[0]))) if len(batch) else None
    if datastream is not None:
        resends.keep(digest_of(datastream.source, batch), np.zeros(len(batch), dtype=np.uint8))
