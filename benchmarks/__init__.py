"""Benchmarks: the product beside its ceiling, in turn, in one run; medians with their spread."""
