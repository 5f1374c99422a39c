"""What named_types costs, each thing measured against the same thing without it.

`python -m benchmarks` runs them all. Each compares, in one run and with interleaved samples, so that whatever
else the machine does meanwhile happens to both sides.
"""
