"""What hypothesis throws at every parser at the edge; seconds in the test run, as long as one likes by hand."""
