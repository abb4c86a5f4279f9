"""Findings of the platform about itself and its sources, and how they are published."""

from collections.abc import Sequence

from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import Offset, ToolId
from impetus.desk.context import FINDINGS, Desk

PLATFORM = ToolId("platform")


def publish_findings(desk: Desk, findings: Sequence[Finding]) -> Offset:
    """Put findings on the bus, all or none, each with its own reason as evidence; `NotNow` when there is no room."""
    return desk.bus.publish(
        FINDINGS,
        [
            desk.codec.encode_finding(finding, Evidence(finding=finding.key, summary=finding.why))
            for finding in findings
        ],
    )
