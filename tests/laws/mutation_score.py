"""Print the mutation score from mutmut's figures, and fail below the bound: `python tests/laws/mutation_score.py FILE`."""

import json
import sys
from pathlib import Path

LEAST = 0.85
"""Share of broken lines that must fail a test; bound of the house for the ethics layer."""


def score(figures: dict[str, int]) -> float:
    """Return killed (timeouts and crashes count as noticed) per mutant that was not skipped; 0 when there was none."""
    counted = figures["total"] - figures["skipped"]
    noticed = figures["killed"] + figures["timeout"] + figures["segfault"] + figures["suspicious"]
    return noticed / counted if counted > 0 else 0.0


def main(file: Path) -> int:
    """Print the score; 1 when it is below the bound."""
    figures = json.loads(file.read_text(encoding="utf-8"))
    reached = score(figures)
    sys.stdout.write(
        f"mutation score {reached:.1%} of {figures['total']} (bound {LEAST:.0%}); survived {figures['survived']},"
        f" no test {figures['no_tests']}; look: mutmut results, mutmut show NAME\n"
    )
    return 0 if reached >= LEAST else 1


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
