"""Benchmarks: ratios and counts of one run, printed; never part of the test run."""
