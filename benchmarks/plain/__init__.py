"""The plain design that the benchmarks stand beside: a Lambda a step, each step a state."""
