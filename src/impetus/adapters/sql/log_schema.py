"""The index over the log: who looked at what, why, and who got a copy.

`index` is the entry's place in the tree. `salts` opens its commitments; an entry whose openings were erased has none.
"""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA

WORDS = (
    "who",
    "role",
    "act",
    "outcome",
    "processing",
    "rule",
    "subject",
    "purpose",
    "category",
    "regime",
    "controller",
    "case_",
    "why",
    "recipient",
)

ACCESSES = sa.Table(
    "accesses",
    METADATA,
    sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in WORDS),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("salts", sa.LargeBinary, nullable=False),
)
sa.Index("accesses_subject", ACCESSES.c.subject, ACCESSES.c.at, ACCESSES.c.index)
sa.Index("accesses_at", ACCESSES.c.at, ACCESSES.c.index)
sa.Index("accesses_category", ACCESSES.c.category, ACCESSES.c.at, ACCESSES.c.index)
