"""The benchmark: what the bus costs, as ratios to bare calls of the same work."""
