"""A bootstrap particle filter: one step for one particle, mapped over the particles and scanned over time.

python -m examples.particle_filter.track
"""
