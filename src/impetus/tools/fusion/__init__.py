"""Fusion: findings become alerts."""
