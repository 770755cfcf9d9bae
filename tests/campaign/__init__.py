"""Campaigns against the promises: long runs by hand, each with a seed that repeats it; never part of the test run."""
