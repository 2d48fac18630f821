"""pymatting computes with numba, and numba changes how many threads torch has.

When pymatting is imported, numba starts its threads and sets the thread count of OpenMP, which torch shares, to the number of
cores, for the whole process. Whoever asked for one thread (OMP_NUM_THREADS=1) then has more, and on a busy machine convolutions
take many times longer, since threads wait for each other. So whatever imports pymatting is decorated with `torch_threads_kept`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def torch_threads_kept() -> Iterator[None]:
    """Afterwards torch has as many threads as before."""
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
