"""The pages about tools name every check of the suite and every key of an evaluation."""

from impetus.testing.joiner_checks import JOINING
from impetus.testing.tool_checks import FILES, SENSING
from laws.tree import ROOT

PAGE = (ROOT / "docs/how-to/add-a-tool.md").read_text(encoding="utf-8")


def test_every_check_is_explained_to_who_writes_a_tool() -> None:
    """A fault's name can be looked up."""
    missing = [check.__name__ for check in (*SENSING, *JOINING) if f"`{check.__name__}`" not in PAGE]
    assert missing == []


def test_every_file_of_a_tool_is_explained() -> None:
    """What the suite asks for is described before it is asked for."""
    assert [name for name in FILES if f"`{name}`" not in PAGE] == []


def test_the_keys_of_an_evaluation_are_explained() -> None:
    """What scripts read is documented."""
    page = (ROOT / "docs/reference/evaluate.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in page for key in ("nab.standard", "nab.low_fp", "mean_ap", "fixed", "baselines"))
