"""Identifiers, one type each, so that an alert's number cannot be passed where an incident's is meant."""

from typing import NewType

SourceId = NewType("SourceId", str)
"""Slug of a source, `[a-z0-9][a-z0-9_-]{0,62}`."""
DatastreamId = NewType("DatastreamId", int)
"""Number of a datastream on this installation, from 1 up; used in columns."""
DatastreamKey = NewType("DatastreamKey", str)
"""Name of a datastream, `source/thing/property`, stable across installations."""
ThingKey = NewType("ThingKey", str)
"""Name of a thing, `source/thing`."""
ZoneId = NewType("ZoneId", str)
ToolId = NewType("ToolId", str)
"""Slug of a tool, `[a-z][a-z0-9_]{0,30}`; `platform` is the platform speaking of itself."""
FindingKey = NewType("FindingKey", str)
"""Idempotency key of a finding: the same noticing gives the same key, whoever sends it again."""
AlertId = NewType("AlertId", int)
IncidentId = NewType("IncidentId", int)
EvidenceId = NewType("EvidenceId", str)
ActionId = NewType("ActionId", int)
RunId = NewType("RunId", int)
ObjectiveId = NewType("ObjectiveId", int)
SectorId = NewType("SectorId", int)
LinkId = NewType("LinkId", int)
ShareId = NewType("ShareId", int)
TaskId = NewType("TaskId", int)
"""Number of a task that another agency was asked to do."""
AccountId = NewType("AccountId", int)
NoticeId = NewType("NoticeId", int)
HandOverId = NewType("HandOverId", int)
Offset = NewType("Offset", int)
"""Position in a topic of the bus: the number of messages before it plus one; 0 is before the first."""
