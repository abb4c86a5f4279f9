"""The log over the network: a tlog-tiles prefix that a stranger's client can verify, and proofs."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from desk.log_samples import SITE, drain, report, writer_of
from impetus.adapters.bus_journal import BusJournal
from impetus.adapters.signatures import verify as check
from impetus.core.actor import Role
from impetus.ethics.log.checkpoint import parse_key
from impetus.ethics.log.merkle import verify_consistency, verify_inclusion
from impetus.ethics.log.rebuild import Copy
from impetus.ethics.log.tiles import bundles_of, tiles_of
from impetus.ethics.log.verify import Trusted, verify
from impetus.testing.desk import memory_desk
from impetus.web.app import create_app
from town import NOW, Town, close_town, open_town

PATHS = ("checkpoint", "key", "health", "tile/0/000.p/9", "inclusion?index=0", "consistency?from=1")


@pytest.fixture
def logged(tmp_path: Path) -> Town:
    """Return an installation whose log has 300 signed entries."""
    town = open_town(tmp_path)
    desk = memory_desk(NOW)
    town.desk = replace(desk, journal=BusJournal(desk.bus))
    town.app = create_app(town.desk, town.settings)
    report(town.desk, 0, 300)
    writer = writer_of(town.desk)
    drain(writer)
    writer.seal()
    yield town
    close_town(town)


@pytest.fixture
def reader(logged: Town) -> TestClient:
    """Return a program that may read the log."""
    return logged.program("log.read")


def unbase64(texts: list[str]) -> list[bytes]:
    """Return hashes as bytes."""
    return [base64.b64decode(text) for text in texts]


def test_a_strangers_client_verifies_the_log_over_the_network(reader: TestClient) -> None:
    """With checkpoint, key and tiles from the prefix alone, as C2SP tlog-tiles says: every entry, every hash, the signature."""
    paths = [tile.path for tile in (*bundles_of(300), *tiles_of(300))]
    copied = {path: reader.get(f"/api/v1/log/{path}").content for path in (*paths, "checkpoint", "key")}
    key = parse_key(copied["key"].decode().removesuffix("\n"))
    verdict = verify(Copy(read=copied.get, names=sorted(copied)), Trusted(key=key), check)
    assert verdict.is_sound
    assert (verdict.size, verdict.signed_by) == (300, SITE)


def test_answers_have_the_types_of_the_specification(reader: TestClient) -> None:
    """Text that may not be kept, tiles that may be kept for ever."""
    checkpoint, tile = reader.get("/api/v1/log/checkpoint"), reader.get("/api/v1/log/tile/0/000")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert "no-cache" in checkpoint.headers["cache-control"]
    assert tile.headers["content-type"] == "application/octet-stream"
    assert "immutable" in tile.headers["cache-control"]
    assert len(tile.content) == 8192


def test_proofs_over_the_network_verify(reader: TestClient) -> None:
    """An entry in the newest tree and in an earlier one, and that the one grew from the other."""
    proof = reader.get("/api/v1/log/inclusion", params={"index": 41, "size": 123}).json()
    leaf, root = unbase64([proof["leaf"], proof["root"]])
    assert verify_inclusion(leaf, 41, 123, unbase64(proof["path"]), root)
    grown = reader.get("/api/v1/log/consistency", params={"from": 123}).json()
    old_root, new_root = unbase64([grown["old_root"], grown["new_root"]])
    assert old_root == root
    assert verify_consistency(123, grown["new"], old_root, new_root, unbase64(grown["path"]))
    assert grown["new"] == 300


def test_health_over_the_network(reader: TestClient) -> None:
    """What the page shows, for programs that watch."""
    health = reader.get("/api/v1/log/health").json()
    assert (health["size"], health["origin"], health["trouble"], health["witnesses"]) == (300, SITE, "", [])
    assert health["minimum_index"] == 0


@pytest.mark.parametrize("path", PATHS)
def test_only_those_who_may_read_the_log(logged: Town, path: str) -> None:
    """Nobody is told to sign in, an operator the rule, a token for something else as well."""
    address = f"/api/v1/log/{path}"
    assert logged.visitor().get(address).status_code == 401
    for client in (logged.person(Role.OPERATOR), logged.program("alerts.read")):
        refused = client.get(address)
        assert (refused.status_code, refused.json()["value"]) == (403, "log.read")
    assert logged.person(Role.AUDITOR).get("/api/v1/log/health").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("tile/0/009", 404),
        ("tile/0/0", 400),
        ("tile/entries/%2e%2e/%2e%2e/.keeper", 400),
        ("tile/../.keeper", 404),
        ("inclusion?index=300", 400),
        ("inclusion?index=0&size=301", 400),
        ("inclusion?index=-1", 422),
        ("inclusion", 422),
        ("consistency?from=9&to=8", 400),
        ("consistency?from=9&to=999999999", 400),
        ("consistency?from=x", 422),
    ],
)
def test_what_is_not_there_is_said(reader: TestClient, path: str, status: int) -> None:
    """A problem with value, limit and remedy; never a trace, never a file beside the log."""
    answer = reader.get(f"/api/v1/log/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_before_the_first_checkpoint_programs_are_told_when_to_ask_again(town: Town) -> None:
    """503 with the seconds."""
    reader = town.program("log.read")
    answer = reader.get("/api/v1/log/checkpoint")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert reader.get("/api/v1/log/health").json()["checkpoint_at"] is None
