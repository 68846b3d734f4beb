"""The entities service as the benchmark runs it: with the floors beside it."""
