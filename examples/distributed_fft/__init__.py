"""Fourier transforms over named axes: the data is spread, and the transform says only which axis meets which.

python -m examples.distributed_fft.solve
"""
