"""Made-up cities and sites with known truth, to measure detectors on: columns from a seed, written to files, never to a platform."""
