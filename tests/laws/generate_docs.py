"""Write every generated page of the documentation anew: `python tests/laws/generate_docs.py`, or `make docs`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from cli import test_cli_docs
from laws import prohibited_page, roles_page, test_lifecycle_docs

PAGES: Mapping[Path, Callable[[], str]] = {
    test_lifecycle_docs.DOCUMENT: test_lifecycle_docs.page,
    roles_page.DOCUMENT: roles_page.page,
    prohibited_page.DOCUMENT: prohibited_page.page,
    test_cli_docs.DOCUMENT: test_cli_docs.page,
}
"""Each generated page, and what writes it."""


def main() -> None:
    """Write what has changed and say which pages those were."""
    for document, page in PAGES.items():
        text = page()
        if not document.exists() or document.read_text(encoding="utf-8") != text:
            document.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {document.name}\n")


if __name__ == "__main__":
    main()
