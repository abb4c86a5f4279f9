"""Impetus: an open urban-safety platform, from a sensor's reading to a decision people can defend."""

__version__ = "0.1.0"
