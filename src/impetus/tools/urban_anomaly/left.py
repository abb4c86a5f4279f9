"""What this tool leaves to a tool that knows the instrument: properties named in the setting `leaves`."""

from dataclasses import replace

from impetus.core.observation import Catalogue

LEAVES = "airborne_bacteria, sample_duration, air_volume, collector_volume, raw_signal, detection_limit, quality_flag"
"""What an air sampler reports of a sample: the Bacteria Detector's."""


def left_out(leaves: str) -> frozenset[str]:
    """Return the properties of a comma list.

    >>> sorted(left_out("raw_signal, air_volume,"))
    ['air_volume', 'raw_signal']
    """
    return frozenset(name.strip() for name in leaves.split(",") if name.strip())


def watched(catalogue: Catalogue, leaves: str) -> Catalogue:
    """Return the catalogue without the datastreams that are left to others."""
    left = left_out(leaves)
    kept = {id_: one for id_, one in catalogue.datastreams.items() if one.observed_property not in left}
    return replace(catalogue, datastreams=kept)
