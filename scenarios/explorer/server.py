"""The web application of the explorer: loopback and a token, small requests, every text as text."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from cge.calibration.benchmark import available
from cge.errors import CgeError, RequestError
from cge.scenarios.files import library
from cge.scenarios.files.scenario import Draft, Scenario
from cge.scenarios.files.sources import file_of, library_names
from cge.scenarios.results.folder import check_writable
from cge.scenarios.results.shown.page import page, page_data
from cge.scenarios.screen.told import whole

from . import forms
from .runs import Runs

HERE = Path(__file__).parent
COOKIE = "cge-token"
LONGEST = 200_000
"""Bytes of a request at most; a scenario's file has at most 100,000 characters."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
STATIC = {"explore.css": "text/css", "explore.js": "text/javascript"}
Next = Callable[[Request], Awaitable[Response]]


class Guard(BaseHTTPMiddleware):
    """Let in who knows the token and comes from this page: the cookie, the host's name, and the origin of a POST."""

    def __init__(self, app: Any, token: str, hosts: tuple[str, ...]) -> None:
        super().__init__(app)
        self._token, self._hosts = token, hosts

    async def dispatch(self, request: Request, call_next: Next) -> Response:
        """Answer a request, or refuse it."""
        host = request.headers.get("host", "")
        if host not in self._hosts:
            return _refused(f"this address is not the explorer's; use {self._hosts[0]}", 400)
        given = request.query_params.get("token", "")
        if request.url.path == "/" and given and hmac.compare_digest(given.encode(), self._token.encode()):
            answer: Response = RedirectResponse("/", 303)
            answer.set_cookie(COOKIE, self._token, httponly=True, samesite="strict")
            return _headed(answer)
        if not hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self._token.encode()):
            return _refused("open the address that `cge explore` printed: it holds the token", 403)
        if request.method == "POST":
            if request.headers.get("origin", f"http://{host}") != f"http://{host}":
                return _refused("the request comes from another page", 403)
            length = request.headers.get("content-length", "")
            if not length.isdigit() or int(length) > LONGEST:
                return _refused(f"a request has at most {LONGEST:,} bytes", 413)
        return _headed(await call_next(request))


def _headed(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


def _refused(text: str, status: int) -> Response:
    return _headed(JSONResponse({"faults": [text]}, status))


def application(runs: Runs, token: str, hosts: tuple[str, ...], saved: Path, begin: dict[str, str]) -> Starlette:
    """The application.

    Args:
        runs: that it shows and asks for.
        token: that the address holds.
        hosts: names with ports under which it may be asked.
        saved: folder into which scenarios are saved.
        begin: choices that the page begins with.
    """

    offered = {*available(), begin.get("benchmark", "")}

    def choices(given: dict[str, Any]) -> dict[str, str]:
        found = {key: str(given[key]) for key in ("benchmark", "horizon", "financing") if given.get(key)}
        if (name := found.get("benchmark", "")) and name not in offered:
            raise RequestError([f"the benchmark {name!r} was not offered; name it when the explorer is started"])
        return found

    async def home(_: Request) -> Response:
        return HTMLResponse((HERE / "explore.html").read_text(encoding="utf-8"))

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            return Response(status_code=404)
        return FileResponse(HERE / name, media_type=STATIC[name])

    async def known(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(forms.known) | {"begin": begin})

    async def labels(request: Request) -> Response:
        place = await run_in_threadpool(runs.economy, choices(dict(request.query_params)))
        return JSONResponse(forms.labels(place))

    async def text_of(request: Request) -> Response:
        name = request.query_params.get("name", "")
        if name not in library_names():
            raise RequestError([f"there is no scenario {name}"])
        return JSONResponse({"yaml": file_of(name).read_text(encoding="utf-8")})

    async def compose(request: Request) -> Response:
        return JSONResponse({"yaml": forms.written(await _body(request))})

    async def check(request: Request) -> Response:
        body = await _body(request)
        scenario = _scenario(body)
        place = await run_in_threadpool(runs.economy, choices(body))
        await run_in_threadpool(place.runner.scenarios, [scenario])
        return JSONResponse({"name": scenario.name, "title": scenario.title})

    async def ask(request: Request) -> Response:
        body = await _body(request)
        run = await run_in_threadpool(runs.ask, _scenario(body), choices(body))
        return JSONResponse({"number": run.number})

    async def listed(_: Request) -> Response:
        return JSONResponse({"runs": runs.told})

    async def stop(request: Request) -> Response:
        runs.stop(int(request.path_params["number"]))
        return JSONResponse({})

    async def compared(request: Request) -> Response:
        results = await run_in_threadpool(runs.compared, _numbers(request))
        return JSONResponse(await run_in_threadpool(page_data, results) | {"mixed": results.mixed})

    async def report(request: Request) -> Response:
        results = await run_in_threadpool(runs.compared, _numbers(request))
        policy = "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src "
        text = await run_in_threadpool(page, results)
        return HTMLResponse(text, headers={"Content-Security-Policy": policy + "'unsafe-inline' 'unsafe-eval'"})

    async def save(request: Request) -> Response:
        body = await _body(request)
        scenario = _scenario(body)
        file = saved / f"{scenario.name}.yaml"
        await run_in_threadpool(_save, file, str(body["yaml"]), bool(body.get("overwrite")))
        options = " ".join(f"--{key} {value}" for key, value in choices(body).items())
        return JSONResponse({"file": file.name, "command": f"cge run {file.name} {options}".strip()})

    routes = [
        Route("/", home), Route("/static/{name}", static), Route("/known", known), Route("/labels", labels),
        Route("/scenario", text_of), Route("/runs", listed), Route("/compared", compared), Route("/report", report),
        Route("/compose", compose, methods=["POST"]), Route("/check", check, methods=["POST"]),
        Route("/ask", ask, methods=["POST"]), Route("/save", save, methods=["POST"]),
        Route("/runs/{number:int}/stop", stop, methods=["POST"]),
    ]  # fmt: skip
    app = Starlette(routes=routes, exception_handlers={CgeError: _told})
    app.add_middleware(Guard, token=token, hosts=hosts)
    return app


async def _told(_: Request, error: Exception) -> Response:
    """A mistake as the page shows it."""
    faults = list(getattr(error, "faults", ())) or [whole(error) if isinstance(error, CgeError) else str(error)]
    return JSONResponse({"faults": list(map(str, faults))}, 422)


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise RequestError(["the request is not JSON"]) from None
    if not isinstance(body, dict):
        raise RequestError(["the request is not a mapping"])
    return body


def _numbers(request: Request) -> list[int]:
    words = [word for word in request.query_params.get("runs", "").split(",") if word]
    if not all(word.isdigit() for word in words):
        raise RequestError(["runs are numbers with commas between them"])
    return [int(word) for word in words]


def _scenario(body: dict[str, Any]) -> Scenario:
    """The scenario of a text, one of the library where it is as there; files are looked for where the explorer began.

    Raises:
        PolicyError: every fault of form.
    """
    text = str(body.get("yaml", ""))
    for file in library.files():
        if f"name: {file.stem}" in text and file.read_text(encoding="utf-8") == text:
            return library.load(file.stem)
    return Draft("scenario.yaml", text).scenario()


def _save(file: Path, text: str, overwrite: bool) -> None:
    refuse = [f"{file.name} is there already; give the scenario another name, or replace it"]
    if file.exists() and not overwrite and file.read_text(encoding="utf-8") != text:
        raise RequestError(refuse)
    check_writable(file.parent)
    file.write_text(text, encoding="utf-8")
