"""Feeds of others, each format read by one pure function: bytes in, a `FeedReport` out."""
