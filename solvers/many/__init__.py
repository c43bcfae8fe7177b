"""Many solves: jobs, processes or Dask workers, and the folder that keeps what is done."""
