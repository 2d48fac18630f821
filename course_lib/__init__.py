"""Two real vision systems, rebuilt from their first equation: RVM and SparseInst."""

__version__ = "0.1.0"
