"""Use cases, one verb a file: the only way in which people and programs change anything."""
