"""Names that people read for what the platform calls by an id: tools, parts, what is measured."""

from collections.abc import Mapping


def _mark(text: str) -> str:
    """Return the text unchanged: marks a sentence for the catalogues that is translated later."""
    return text


N_ = _mark

NAMED_PLACES = frozenset({"tool", "part"})
"""Places in phrases that hold the id of a tool or a part."""
PROPERTY_PLACE = "property"
"""The place in tools' phrases that names what is measured."""
NAMES: Mapping[str, str] = {
    "firearm": N_("Firearm Detector"),
    "bacteria": N_("Bacteria Detector"),
    "urban_anomaly": N_("Urban Anomaly"),
    "social_media": N_("Social Media"),
    "threat_intel": N_("Threat Intelligence"),
    "intrusion": N_("Intrusion"),
    "workload": N_("Workload"),
    "evacuation": N_("Evacuation"),
    "fusion": N_("Fusion"),
    "square_posts": N_("Posts (simulated)"),
    "platform": N_("Platform"),
    "web": N_("Screens"),
    "ingest": N_("Ingest"),
    "keeper": N_("History"),
    "log": N_("Log"),
    "notifier": N_("Notifier"),
    "supervisor": N_("Supervisor"),
    "scenario": N_("Scenario"),
}
"""Names of the tools and parts as in the product's words; a third party's tool shows its id in words."""
PROPERTIES = (
    N_("People density"),
    N_("People count"),
    N_("Egress flow"),
    N_("Airborne bacteria"),
    N_("Particulate matter"),
    N_("Sound level"),
    N_("Noise"),
    N_("Traffic"),
    N_("Vehicle count"),
    N_("Occupancy"),
    N_("Speed"),
    N_("Packets"),
    N_("Failed logins"),
    N_("Frame rate"),
    N_("Wind speed"),
    N_("Wind direction"),
    N_("Air temperature"),
    N_("Tram delay"),
)
"""What cities commonly measure, as tools write it; what is not here is said as it was declared."""


def name_of(part: str) -> str:
    """Return the name of a tool or part, to be translated.

    >>> name_of("tool:urban_anomaly"), name_of("door_counter")
    ('Urban Anomaly', 'Door Counter')
    """
    identity = part.removeprefix("tool:")
    return NAMES.get(identity, identity.replace("_", " ").title())
