"""Who is on call, what was sent to whom, hand-overs and the shift log."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
