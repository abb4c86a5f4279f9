"""The scenario everything is tried on: a square before a city hall, simulated and labelled so."""
