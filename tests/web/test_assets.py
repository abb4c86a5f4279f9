"""Static files: kept for good under the hash, compressed, and nothing else served."""

import gzip
from pathlib import Path

import pytest

from impetus.web.assets import load_assets
from town import Town


def test_a_file_under_its_hash_is_kept_for_good_and_compressed(town: Town) -> None:
    """Browsers never ask twice; the bytes are those of the file."""
    assets = town.app.state.web.assets
    answer = town.visitor().get(assets.url("css/base.css"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.content == assets.files["css/base.css"].body


def test_a_file_without_its_hash_is_asked_for_again_each_time(town: Town) -> None:
    """An address written by hand works, checked by its entity tag."""
    visitor = town.visitor()
    first = visitor.get("/static/css/base.css")
    again = visitor.get("/static/css/base.css", headers={"If-None-Match": first.headers["etag"]})
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["../settings.py", "..%2Fsettings.py", "css/", "css/none.css", "%00"])
def test_nothing_but_static_files_is_served(town: Town, path: str) -> None:
    """Only what was read at start has an address."""
    assert town.visitor().get(f"/static/{path}").status_code == 404


def test_the_hash_changes_with_any_file(tmp_path: Path) -> None:
    """One changed byte gives every file a new address, so that modules of two versions never mix."""
    (tmp_path / "a.js").write_text("1")
    before = load_assets(tmp_path).version
    (tmp_path / "a.js").write_text("2")
    assert load_assets(tmp_path).version != before


def test_what_does_not_shrink_is_sent_as_it_is(tmp_path: Path) -> None:
    """Compressing a picture or three bytes would cost more than it saves."""
    (tmp_path / "small.js").write_text("1")
    (tmp_path / "picture.png").write_bytes(bytes(5000))
    (tmp_path / "large.js").write_text("x" * 5000)
    files = load_assets(tmp_path).files
    assert files["small.js"].zipped is None
    assert files["picture.png"].zipped is None
    zipped = files["large.js"].zipped
    assert zipped is not None
    assert gzip.decompress(zipped) == b"x" * 5000
