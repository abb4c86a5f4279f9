"""State in SQL: one file per repository, one schema, one small seam for what the engines do differently."""
