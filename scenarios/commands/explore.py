"""The command that opens the explorer."""

from __future__ import annotations

import secrets
import socket
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from cge.errors import InstallError, RequestError
from cge.scenarios.economy.options import Options
from cge.scenarios.results.folder import check_writable
from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import told

from .options import takes_setting

PARTS = ("starlette", "uvicorn", "jinja2", "altair", "vl_convert")
CHOICES = ("benchmark", "horizon", "financing")


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(takes_setting(explore))


def explore(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 for any that is free.")] = 0,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; the loopback unless told.")] = "127.0.0.1",
    out: Annotated[Path, typer.Option("--out", help="Folder of results, one folder a run in it.")] = Path(
        "results/explorer"
    ),
    *,
    where: Options,
) -> None:
    """Compose, run and compare scenarios in a browser on this machine, and save files that `cge run` takes.

    It prints an address with a token and listens on the loopback alone. Ctrl-C ends it; results stay in the folder.
    """
    with told():
        if missing := [part for part in PARTS if find_spec(part) is None]:
            needed = ", ".join(missing)
            raise InstallError(f"the explorer needs {needed}: pip install {' '.join(missing)} (the extra explore)")
        check_writable(out)
        serve(host, port, out, where)


def serve(host: str, port: int, out: Path, where: Options) -> None:
    """Listen until stopped.

    Raises:
        RequestError: the address cannot be listened on.
    """
    import uvicorn

    from cge.scenarios.explorer.runs import Runs
    from cge.scenarios.explorer.server import application

    token = secrets.token_urlsafe(24)
    begin = {key: str(where[key]) for key in CHOICES if where.get(key)}  # type: ignore[literal-required]
    others: Options = {key: value for key, value in where.items() if key not in CHOICES}  # type: ignore[assignment]
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise RequestError([f"cannot listen on {host}, port {port}: {error.strerror or error}; name another"]) from None
    at = listener.getsockname()[1]
    names = {host, "127.0.0.1", "localhost"} if _loopback(host) else {host}
    hosts = (f"{host}:{at}", *(f"{name}:{at}" for name in sorted(names - {host})))
    runs = Runs(out, others)
    app = application(runs, token, hosts, Path(), begin)
    screen = console()
    screen.print(f"explorer: http://{host}:{at}/?token={token}", markup=False, soft_wrap=True)
    screen.print("open this address in a browser; Ctrl-C ends it", markup=False)
    if not _loopback(host):
        screen.print(f"it listens on {host}: whoever has the address and its token can use it", markup=False)
    try:
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])
    finally:
        runs.close()


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
