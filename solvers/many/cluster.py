"""A batch on Dask: local processes, or the workers of a user's cluster.

Problems travel in a plugin, which the scheduler gives to every worker once, to those that replace a dead one too.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, cast
from uuid import uuid4

import dask.config
import psutil
from dask.system import CPU_COUNT
from distributed import Client, Future, LocalCluster, Worker, WorkerPlugin, get_worker
from distributed.comm.core import connect
from threadpoolctl import threadpool_limits

from cge.closure import Closure
from cge.errors import InstallError
from cge.parameters import Parameters
from cge.solvers.certificate import compiled
from cge.solvers.certificate.store import Store
from cge.solvers.problem import Problem
from cge.swaps import Swap

from . import version
from .batch import Job, Reduce, run_job
from .batch_folder import Outcome
from .job_problems import Place

log = logging.getLogger("cge")

QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
}
"""What Dask's processes on this machine do beside the runs: less often than by default, on the cores of the runs."""

ANSWER = 30.0
"""Seconds that a scheduler has to answer, and to come back when it was lost."""

SAME = "install the same on all machines"

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
            InstallError: this process runs other code than the one that packed it.
        """
        base = Problem(self.parameters, self.closure, method=self.method, certificate=self.certificate)
        problem = base.prepared(self.instruments, swaps=self.swaps, store=None)
        if compiled.fingerprint(problem.model) != self.fingerprint:
            raise InstallError(f"this worker has another version of cge or Pyomo; {SAME}")
        if self.packed:
            store.keep(self.fingerprint, self.packed)
            return problem.prepared(swaps=self.swaps, store=store)
        return problem


class Workshop(WorkerPlugin):
    """The problems in a worker's process: each is unpacked by the first job that needs it, and kept for the others."""

    def __init__(self, shipments: Sequence[Shipment], reduce: Reduce) -> None:
        self._versions = dict(version.here())
        self._shipments = shipments
        self._reduce = reduce

    def setup(self, worker: Worker) -> None:
        """Take up the place on a worker.

        Raises:
            InstallError: it has other versions, so that its results would be others.
        """
        if differs := version.difference(self._versions):
            raise InstallError(f"the worker at {worker.address} has {differs}; {SAME}")
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
        try:
            _install(client, name, Workshop([Shipment.of(problem) for problem in problems], reduce))
            yield from _run_all(client, name, jobs)
        finally:
            if client.status == "running":
                client.unregister_worker_plugin(name)


def _install(client: Client, name: str, workshop: Workshop) -> None:
    try:
        client.register_plugin(workshop, name=name)
    except InstallError:
        raise
    except Exception as error:  # such as that of a worker without this package, which cannot read what is sent
        what = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        raise InstallError(f"the workers of {_address(client)} cannot be used ({what}); {SAME}") from error


def _run_all(client: Client, name: str, jobs: Sequence[tuple[Job, Place]]) -> Generator[tuple[str, Outcome]]:
    """Send as many jobs as can run; each that ends makes room for one."""
    ended: SimpleQueue[Future[Outcome]] = SimpleQueue()
    running: dict[Any, tuple[str, Future[Outcome]]] = {}
    waiting = iter(jobs)

    def send() -> None:
        # as many as can run: jobs that wait at a worker are blamed for its death, and fill a scheduler's memory
        room = max(sum(client.nthreads().values()), 1) - len(running)
        for job, place in islice(waiting, max(room, 0)):
            future = client.submit(_run, name, job, place, key=f"{name}-{job.key}", pure=False)
            running[future.key] = job.key, future
            future.add_done_callback(ended.put)

    try:
        send()
        while running:
            future = _next(client, ended)
            key, _ = running.pop(future.key)
            outcome = _outcome(client, future)
            send()
            yield key, outcome
    finally:
        if client.status == "running":
            client.cancel([future for _, future in running.values()], force=True)


def _next(client: Client, ended: SimpleQueue[Future[Outcome]]) -> Future[Outcome]:
    """The next job that ended; while none does, that there is a scheduler and a worker is looked after."""
    lost, told = 0.0, False
    while True:
        try:
            return ended.get(timeout=1.0)
        except Empty:
            lost = 0.0 if client.status == "running" else lost + 1.0
        if lost > ANSWER:
            raise _gone(client)
        if not told and not lost and not client.nthreads():
            log.warning("there is no worker at %s now; the runs wait for one", _address(client))
            told = True


def _gone(client: Client) -> InstallError:
    return InstallError(
        f"the scheduler at {_address(client)} is gone; every run that had ended is kept: start it again, and the "
        "same command goes on"
    )


def _address(client: Client) -> str:
    return str(getattr(client.scheduler, "address", "the cluster"))


def cores() -> int:
    """Physical cores that this process may use."""
    return min(psutil.cpu_count(logical=False) or CPU_COUNT, CPU_COUNT)


@contextmanager
def _client(address: str | None, workers: int) -> Iterator[Client]:
    if address is not None:
        _greet(address)
        with Client(address, timeout=ANSWER, set_as_default=False) as client:
            yield client
        return
    with _local(workers) as cluster, Client(cluster, set_as_default=False) as client:
        yield client


def _greet(address: str) -> None:
    """Require a scheduler that answers: Dask's own client tries a silent one again and again, for minutes.

    Raises:
        OSError: there is none.
    """

    async def hello() -> None:
        await (await connect(address, timeout=ANSWER)).close()

    try:
        # in a thread, since a notebook has a loop of its own in this one
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(asyncio.wait_for(hello(), ANSWER))).result()
    except (OSError, TimeoutError, ValueError) as error:
        raise OSError(f"no answer within {ANSWER:.0f} s" if isinstance(error, TimeoutError) else str(error)) from None


@contextmanager
def _local(workers: int) -> Iterator[LocalCluster]:
    """Processes on this machine. Ctrl-C is this process's alone: it waits until they are there, and then ends them."""
    release = _held_back()
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
    except BaseException as error:
        release()
        if isinstance(error, RuntimeError):
            raise InstallError(UNGUARDED) from None
        raise
    with cluster:
        release()
        yield cluster


def _held_back() -> Callable[[], None]:
    """Hold Ctrl-C back, also from processes that are started now; what is returned lets it through, once."""
    asked: list[int] = []
    own = threading.current_thread() is threading.main_thread()  # no other thread may say what a signal does
    hold = hasattr(signal, "pthread_sigmask")
    if hold:
        # it lets the signal through wherever it is started, and all that is started from there then hears it
        import_module("multiprocessing.resource_tracker").ensure_running()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hold else set()
    # threads of other libraries may take the signal all the same
    handler = signal.signal(signal.SIGINT, lambda number, _: asked.append(number)) if own else None

    def release() -> None:
        if hold:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if own:
            signal.signal(signal.SIGINT, handler or signal.default_int_handler)
        if asked:
            raise KeyboardInterrupt

    return release


def _run(name: str, job: Job, place: Place) -> Outcome:
    return cast("Workshop", get_worker().plugins[name]).run(job, place)


def _outcome(client: Client, future: Future[Outcome]) -> Outcome:
    """A job's outcome; that of one whose worker could not run it is an error.

    Raises:
        InstallError: the scheduler is gone.
    """
    if future.status == "finished":
        return future.result()
    if future.status in ("cancelled", "lost"):
        raise _gone(client)
    error = future.exception()
    return Outcome("error", f"{type(error).__name__}: {error}")
