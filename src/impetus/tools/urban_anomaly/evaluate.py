"""The tool's figures from labelled series: replayed in order through the tool as shipped, nothing looked at ahead.

Three layouts, told apart by what is in the directory: the Numenta Anomaly Benchmark's, a city's, and wide sensor files of
sites (see `docs/reference/evaluate.md`). Every layout prints the same baselines on the same page, with intervals.
"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from impetus.core.errors import Malformed, Unknown
from impetus.tools.urban_anomaly.city_read import is_city, read_city
from impetus.tools.urban_anomaly.evaluate_city import city_figures
from impetus.tools.urban_anomaly.evaluate_nab import nab_figures
from impetus.tools.urban_anomaly.evaluate_sites import site_figures
from impetus.tools.urban_anomaly.metrics import average_precision
from impetus.tools.urban_anomaly.replay import Progress
from impetus.tools.urban_anomaly.series import is_nab, read_nab, read_sites

__all__ = ["average_precision", "evaluate", "text_of"]


def evaluate(directory: Path, progress: Progress) -> Mapping[str, object]:
    """Measure the tool on a directory; `Unknown` when it is absent or holds nothing that is labelled."""
    if not directory.is_dir():
        raise Unknown(
            f"{directory} is not there",
            value=str(directory),
            limit="a directory with labelled series",
            remedy="obtain the data set, or point IMPETUS_DATA at it",
        )
    if is_nab(directory):
        return nab_figures(read_nab(directory, text_of), progress)
    if is_city(directory):
        return city_figures(read_city(directory, text_of, table_of), progress)
    return site_figures(read_sites(directory, text_of), progress)


def text_of(file: Path) -> str:
    """Return the text of a file; what is not UTF-8 in it is replaced, since only numbers and names matter."""
    return file.read_text(encoding="utf-8-sig", errors="replace")


def table_of(file: Path) -> pa.Table:
    """Return one Parquet file of observations; `Malformed` when it is none."""
    try:
        return pq.read_table(file)
    except (OSError, ValueError) as error:
        raise Malformed(f"{file} cannot be read: {error}", value=str(file), limit="Parquet") from error
