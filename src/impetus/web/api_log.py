"""The log over the network: a tlog-tiles prefix (C2SP), and proofs for whoever does not want to make them."""

import base64
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from impetus.desk import log_reading
from impetus.web.api_routes import READ, READ_ONE
from impetus.web.context import TheDesk
from impetus.web.session import Caller

LARGEST_TREE = 2**53
"""Largest size asked for: whole numbers beyond it are not exact in JSON (RFC 8259, section 6)."""
Size = Annotated[int, Query(ge=1, le=LARGEST_TREE)]

router = APIRouter(prefix="/log", tags=["log"])


class WitnessDocument(BaseModel):
    """How a witness of the log stands."""

    name: str
    at: datetime | None
    size: int
    failures: int
    trouble: str
    is_fork: bool


class LogHealthDocument(BaseModel):
    """How the log stands: signed entries, records on their way, who has seen it, what is wrong."""

    origin: str
    key: str
    size: int
    root: str
    checkpoint_at: datetime | None
    pending: int
    minimum_index: int
    last_verified_at: datetime | None
    trouble: str
    witnesses: list[WitnessDocument]


class InclusionDocument(BaseModel):
    """The proof that an entry is in the log; hashes in base64 (RFC 6962, section 2.1.1)."""

    index: int
    size: int
    root: str
    leaf: str
    path: list[str]


class ConsistencyDocument(BaseModel):
    """The proof that the log only grew; hashes in base64 (RFC 6962, section 2.1.2)."""

    old: int
    new: int
    old_root: str
    new_root: str
    path: list[str]


@router.get("/health", summary="Read how the log stands", responses=READ)
def read_health(desk: TheDesk, actor: Caller) -> LogHealthDocument:
    """Return how long the log is, when it was signed, who has seen it, and what is wrong."""
    health = log_reading.log_health(desk, actor)
    return LogHealthDocument(
        origin=health.origin,
        key=health.key,
        size=health.size,
        root=health.root_hex,
        checkpoint_at=health.checkpoint_at,
        pending=health.pending,
        minimum_index=health.pruned_before,
        last_verified_at=health.last_verified_at,
        trouble=health.trouble,
        witnesses=[
            WitnessDocument(
                name=one.name,
                at=one.at,
                size=one.size,
                failures=one.failures,
                trouble=one.trouble,
                is_fork=one.is_fork,
            )
            for one in health.witnesses
        ],
    )


@router.get(
    "/checkpoint", summary="Read the newest signed checkpoint", responses=READ, response_class=PlainTextResponse
)
def read_checkpoint(desk: TheDesk, actor: Caller) -> Response:
    """Return the head of the log as a signed note (C2SP tlog-checkpoint)."""
    return _text(log_reading.checkpoint(desk, actor))


@router.get("/key", summary="Read the log's public key", responses=READ, response_class=PlainTextResponse)
def read_key(desk: TheDesk, actor: Caller) -> Response:
    """Return the verifier key of the log's signatures (C2SP signed-note)."""
    return _text(log_reading.verifier_key(desk, actor).encode())


@router.get(
    "/tile/{path:path}",
    summary="Read a tile or a bundle of entries",
    response_class=Response,
    responses={
        **READ_ONE,
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
def read_tile(desk: TheDesk, actor: Caller, path: str) -> Response:
    """Return hashes, or the entries, of a tile (C2SP tlog-tiles)."""
    content = log_reading.log_tile(desk, actor, f"tile/{path}")
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/inclusion", summary="Prove that an entry is in the log", responses=READ_ONE)
def read_inclusion(
    desk: TheDesk,
    actor: Caller,
    index: Annotated[int, Query(ge=0, le=LARGEST_TREE, description="the entry, counted from 0")],
    size: Annotated[Size | None, Query(description="of which tree; the newest checkpoint's when left out")] = None,
) -> InclusionDocument:
    """Return the audit path of an entry in a tree."""
    proof = log_reading.inclusion(desk, actor, index, size)
    return InclusionDocument(
        index=proof.index,
        size=proof.size,
        root=_base64(proof.root),
        leaf=_base64(proof.leaf),
        path=[_base64(one) for one in proof.path],
    )


@router.get("/consistency", summary="Prove that the log only grew", responses=READ_ONE)
def read_consistency(
    desk: TheDesk,
    actor: Caller,
    old: Annotated[int, Query(alias="from", ge=0, le=LARGEST_TREE, description="size of the earlier tree")],
    new: Annotated[
        int | None,
        Query(alias="to", ge=0, le=LARGEST_TREE, description="size of the later tree; the newest when left out"),
    ] = None,
) -> ConsistencyDocument:
    """Return the proof that the later tree begins with the earlier one."""
    proof = log_reading.consistency(desk, actor, old, new)
    return ConsistencyDocument(
        old=proof.old,
        new=proof.new,
        old_root=_base64(proof.old_root),
        new_root=_base64(proof.new_root),
        path=[_base64(one) for one in proof.path],
    )


def _text(content: bytes) -> Response:
    """Return a text that changes with every checkpoint."""
    return Response(content, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "private, no-cache"})


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
