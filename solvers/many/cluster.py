"""A batch on Dask: local processes, or the workers of a user's cluster.

Problems travel in a plugin, which the scheduler gives to every worker once, to those that replace a dead one too.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import dask.config
import psutil
from dask.system import CPU_COUNT
from distributed import Client, Future, LocalCluster, Worker, WorkerPlugin, as_completed, get_worker
from threadpoolctl import threadpool_limits

from cge.closure import Closure
from cge.errors import InstallError
from cge.levers import Swap
from cge.parameters import Parameters
from cge.solvers.certificate import compiled
from cge.solvers.certificate.store import Store
from cge.solvers.problem import Problem

from .batch import Job, Reduce, run_job
from .ledger import Outcome
from .shared import Place

QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
}
"""What Dask's processes on this machine do beside the runs: less often than by default, on the cores of the runs."""

UNGUARDED = (
    "the worker processes did not start. They import the file of the script, which must call this under "
    "`if __name__ == '__main__':`; or run everything in this process with workers=0"
)


@dataclass(frozen=True, eq=False)
class Shipment:
    """A problem on its way to the workers.

    Attributes:
        parameters, closure, method, certificate: see `Problem`.
        instruments: that its model has beside those of the structure.
        swaps: of its model.
        fingerprint: of its model, by which a worker knows that it runs the same code.
        packed: the compiled model; None if there is none to send.
    """

    parameters: Parameters
    closure: Closure
    method: str
    certificate: str
    instruments: frozenset[str]
    swaps: tuple[Swap, ...]
    fingerprint: str
    packed: bytes | None

    @classmethod
    def of(cls, problem: Problem) -> Shipment:
        """Pack a problem that is prepared."""
        fingerprint = compiled.fingerprint(problem.model)
        packed = compiled.packed(problem.model) if problem.certificate == "pyomo" else None
        instruments = problem.model.structure.instruments
        what = (problem.parameters, problem.closure, problem.method, problem.certificate)
        return cls(*what, instruments, problem.model.swaps, fingerprint, packed)

    def unpack(self, store: Store) -> Problem:
        """The problem again, with its compiled model, which goes through a store of the worker's own.

        Raises:
            RuntimeError: this process runs other code than the one that packed it.
        """
        problem = Problem(self.parameters, self.closure, method=self.method, certificate=self.certificate)
        problem.prepare(self.instruments, swaps=self.swaps, store=None)
        if compiled.fingerprint(problem.model) != self.fingerprint:
            raise RuntimeError("this worker has another version of cge or Pyomo; install the same on all machines")
        if self.packed:
            store.keep(self.fingerprint, self.packed)
            problem.prepare(swaps=self.swaps, store=store)
        return problem


class Workshop(WorkerPlugin):
    """The problems in a worker's process: each is unpacked by the first job that needs it, and kept for the others."""

    def __init__(self, shipments: Sequence[Shipment], reduce: Reduce) -> None:
        self._shipments = shipments
        self._reduce = reduce

    def setup(self, worker: Worker) -> None:
        """Take up the place on a worker."""
        self._store = Store((Path(worker.local_directory) / "cge",))  # Dask removes it with the worker
        self._lock = threading.Lock()
        self._problems: dict[int, Problem] = {}

    def run(self, job: Job, place: Place) -> Outcome:
        """Run a job, one at a time: neither Ipopt nor the ASL can be shared by threads."""
        # the workers take up the cores; with more threads in each they would fight
        with self._lock, threadpool_limits(limits=1):
            if place.problem not in self._problems:
                self._problems[place.problem] = self._shipments[place.problem].unpack(self._store)
            return run_job(self._problems[place.problem], job, place.unlimited, self._reduce)


def outcomes(
    problems: Sequence[Problem],
    jobs: Sequence[tuple[Job, Place]],
    reduce: Reduce,
    workers: int | None,
    address: str | None,
) -> Generator[tuple[str, Outcome]]:
    """Every job's key with its outcome, in the order in which they end.

    Args:
        problems: prepared for the jobs.
        jobs: the runs, with their places.
        reduce: see `batch.run_batch`.
        workers: number of local processes; None for one a physical core. Not used with an address.
        address: of a Dask scheduler.

    Raises:
        InstallError: local processes do not start.
        OSError: no scheduler answers at the address.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):  # a worker that imports the script
        raise InstallError(UNGUARDED)
    with _client(address, min(workers or cores(), len(jobs))) as client:
        name = f"cge-batch-{uuid4().hex}"  # others may run theirs on the same cluster
        client.register_plugin(Workshop([Shipment.of(problem) for problem in problems], reduce), name=name)
        running: dict[Any, str] = {}
        waiting = iter(jobs)
        ended = as_completed(loop=client.loop)

        def send() -> None:
            # as many as can run: jobs that wait at a worker are blamed for its death, and fill a scheduler's memory
            room = max(sum(client.nthreads().values()), 1) - len(running)
            for job, place in islice(waiting, max(room, 0)):
                future = client.submit(_run, name, job, place, key=f"{name}-{job.key}", pure=False)
                running[future.key] = job.key
                ended.add(future)

        try:
            send()
            for future in ended:
                key = running.pop(future.key)
                send()
                yield key, _outcome(future)
        finally:
            client.cancel(list(ended.futures), force=True)
            client.unregister_worker_plugin(name)


def cores() -> int:
    """Physical cores that this process may use."""
    return min(psutil.cpu_count(logical=False) or CPU_COUNT, CPU_COUNT)


@contextmanager
def _client(address: str | None, workers: int) -> Iterator[Client]:
    if address is not None:
        with Client(address, set_as_default=False) as client:
            yield client
        return
    try:
        with dask.config.set(QUIET):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.ERROR,  # a worker that is replaced is no news: its job is run again
            )
    except RuntimeError:
        raise InstallError(UNGUARDED) from None
    with cluster, Client(cluster, set_as_default=False) as client:
        yield client


def _run(name: str, job: Job, place: Place) -> Outcome:
    return cast("Workshop", get_worker().plugins[name]).run(job, place)


def _outcome(future: Future[Outcome]) -> Outcome:
    """A job's outcome; that of one whose worker could not run it is an error."""
    if future.status == "finished":
        return future.result()
    error = future.exception()
    return Outcome("error", f"{type(error).__name__}: {error}")
