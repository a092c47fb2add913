"""Pi by all processes of an MPI job: each sums its part of a series, and they add the parts up."""

import math
import os

from mpi4py import MPI

world = MPI.COMM_WORLD
rank, size = world.Get_rank(), world.Get_size()
terms = 2_000_000
part = sum((4.0 if k % 2 == 0 else -4.0) / (2 * k + 1) for k in range(rank, terms, size))
pi = world.allreduce(part)
print(f"process {rank} of {size} on {os.uname().nodename}: pi is {pi:.6f}", flush=True)
assert abs(pi - math.pi) < 1e-5
