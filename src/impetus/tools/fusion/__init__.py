"""Fusion: findings become alerts. Repeats are counted, what belongs together is joined, and a person is asked once."""
