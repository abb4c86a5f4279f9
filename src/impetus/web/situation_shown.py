"""What the pages of an incident show beside its timeline, read in one place for the workspace and the page of its own."""

from typing import TypedDict

from impetus.core.actor import Actor
from impetus.core.ids import IncidentId
from impetus.desk.context import Desk
from impetus.desk.links import LinksView, links_view
from impetus.desk.methane import MethaneView, methane_view
from impetus.desk.objectives import SituationView, situation_view
from impetus.desk.shares import SharesView, shares_view


class SituationShown(TypedDict):
    """The context of `_methane.html`, `_objectives.html`, `_links.html` and `_shares.html`."""

    methane: MethaneView
    situation: SituationView
    links: LinksView
    shared: SharesView


def situation_shown(desk: Desk, actor: Actor, incident: IncidentId) -> SituationShown:
    """Return the context of `_methane.html`, `_objectives.html`, `_links.html` and `_shares.html`."""
    return {
        "methane": methane_view(desk, actor, incident),
        "situation": situation_view(desk, actor, incident),
        "links": links_view(desk, actor, incident),
        "shared": shares_view(desk, actor, incident),
    }
