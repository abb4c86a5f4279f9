"""Series of files as the catalogue of things and datastreams that the tool is given."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.observation import Catalogue, Datastream, Int64s


def declared(things: Sequence[tuple[str, Mapping[str, Int64s]]]) -> Catalogue:
    """Declare things with their columns; ids are 1.. in order, the cadence is each column's own median.

    `things` are names with, for each column, the times at which it has readings. Each thing is a zone of its own: what is in
    another file is no neighbour, and its weather is not this one's.
    """
    datastreams: dict[DatastreamId, Datastream] = {}
    for name, columns in things:
        for column, time_us in columns.items():
            number = DatastreamId(len(datastreams) + 1)
            datastreams[number] = Datastream(
                id=number,
                key=DatastreamKey(f"evaluation/{name}/{column}"),
                source=SourceId("evaluation"),
                thing=ThingKey(f"evaluation/{name}"),
                thing_name=name,
                observed_property=column,
                unit="1",
                zone=ZoneId(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "site"),
                cadence_s=max(float(np.median(np.diff(time_us))) / 1e6, 1.0) if len(time_us) > 1 else 60.0,
            )
    return Catalogue(version=1, datastreams=datastreams)
