"""What is known of an incident: METHANE, objectives, sectors, links, and what is shared with whom."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
