"""CAP 1.2 as XML: written by us, read from others with suspicion."""
