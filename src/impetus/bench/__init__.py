"""Benchmarks: `impetus bench NAME`; figures are measured here and nowhere else."""
