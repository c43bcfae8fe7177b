"""The explorer's application answers only who knows the token, and says what Python says."""

import threading

import pytest

pytest.importorskip("starlette", reason="the extra explore is not installed")
pytest.importorskip("httpx", reason="httpx, with which applications are tested, is not installed")

from starlette.testclient import TestClient

from cge.progress import Event
from cge.scenarios.explorer import forms
from cge.scenarios.explorer import runs as runs_module
from cge.scenarios.explorer.runs import Runs
from cge.scenarios.explorer.server import application
from cge.scenarios.files import library
from cge.scenarios.files.scenario import Draft

HOST = "127.0.0.1:8000"
EVIL = "<script>alert(1)</script>"


class Place:
    """An economy that solves as long as it is told to."""

    def __init__(self, result):
        self.result = result
        self.hold = threading.Event()
        self.hold.set()
        self.begun = threading.Event()

    @property
    def runner(self):
        return self

    def scenarios(self, sources):
        return sources

    def run(self, scenario, out, progress):
        progress(Event("solve", 0.2, scenario.name))
        self.begun.set()
        self.hold.wait(20)
        progress(Event("tables", 0.9, scenario.name))
        from dataclasses import replace

        replace(self.result, name=scenario.name, title=scenario.title).save(out / scenario.name)
        progress(Event("done", 1.0, scenario.name))


@pytest.fixture
def place(result, monkeypatch):
    made = Place(result)
    monkeypatch.setattr(runs_module, "economy", lambda **_: made)
    return made


@pytest.fixture
def runs(place, tmp_path):
    kept = Runs(tmp_path / "out", {})
    yield kept
    place.hold.set()
    kept.close()


@pytest.fixture
def client(runs, tmp_path):
    app = application(runs, "secret", (HOST,), tmp_path, {"benchmark": "world2022-12x12"})
    with TestClient(app, base_url=f"http://{HOST}") as client:
        assert client.get("/?token=secret", follow_redirects=False).status_code == 303
        yield client


def text_of(name):
    form = {"name": name, "title": EVIL, "question": "?", "sources": "an example"}
    values = {"instrument": "import_tariff", "exporters": "all", "importers": "USA", "add": "10"}
    return forms.written({**form, "shocks": [{"kind": "instrument", "values": values}]})


def ask(client, name):
    answer = client.post("/ask", json={"yaml": text_of(name), "benchmark": "world2022-12x12"})
    assert answer.status_code == 200, answer.text
    return answer.json()["number"]


def state(client, number):
    return next(run for run in client.get("/runs").json()["runs"] if run["number"] == number)


def until(client, number, *states):
    for _ in range(400):
        if (found := state(client, number))["state"] in states:
            return found
        threading.Event().wait(0.02)
    raise AssertionError(state(client, number))


def test_without_the_token_nothing_is_told(runs, tmp_path):
    app = application(runs, "secret", (HOST,), tmp_path, {})
    with TestClient(app, base_url=f"http://{HOST}") as stranger:
        for path in ("/", "/known", "/runs", "/static/explore.js", "/report?runs=1", "/?token=wrong", "/?token="):
            assert stranger.get(path).status_code == 403, path
        assert stranger.post("/ask", json={}).status_code == 403
        stranger.cookies.set("cge-token", "wrong")
        assert stranger.get("/known").status_code == 403


def test_another_host_or_page_or_size_is_refused(client):
    assert client.get("/known", headers={"host": "evil.example"}).status_code == 400
    assert client.post("/ask", json={}, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.post("/check", json={"yaml": "x" * 300_000}).status_code == 413
    assert client.post("/check", content=b"[]").status_code == 422
    assert client.post("/check", content=b"{").status_code == 422


def test_nothing_may_be_loaded_from_elsewhere(client):
    home = client.get("/")
    assert "default-src 'none'" in home.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in home.headers["content-security-policy"]
    assert "http" not in home.text.replace("http-equiv", "")
    assert client.get("/static/../server.py").status_code == 404
    assert client.get("/static/server.py").status_code == 404


def test_a_benchmark_that_was_not_offered_is_refused(client):
    answer = client.post("/check", json={"yaml": text_of("a"), "benchmark": "/etc/passwd"})
    assert answer.status_code == 422
    assert "benchmark" in answer.json()["faults"][0]


def test_a_run_is_asked_for_compared_and_reported_as_text(client):
    first, second = ask(client, "a"), ask(client, "a")
    assert until(client, first, "done")["title"] == EVIL
    until(client, second, "done")
    told = client.get(f"/compared?runs={first},{second}").json()
    assert told["scenarios"] == [f"a ({first})", f"a ({second})"]
    assert any(row["label"] == "world" for row in told["rows"])
    assert client.get("/compared?runs=").status_code == 422
    assert client.get("/compared?runs=99").status_code == 422
    report = client.get(f"/report?runs={first}")
    assert EVIL not in report.text
    assert "sandbox" in report.headers["content-security-policy"]


def test_a_run_can_be_stopped_and_one_that_waits_too(client, place):
    place.hold.clear()
    first, second = ask(client, "a"), ask(client, "b")
    assert place.begun.wait(10)
    assert state(client, second)["state"] == "waiting"
    client.post(f"/runs/{second}/stop", json={})
    client.post(f"/runs/{first}/stop", json={})
    place.hold.set()
    assert until(client, first, "stopped")["stage"] == "tables"
    assert state(client, second)["state"] == "stopped"
    assert client.get(f"/report?runs={first}").status_code == 422
    assert until(client, ask(client, "c"), "done")["state"] == "done"


def test_a_failure_is_told_and_the_next_run_goes_on(client, place, monkeypatch):
    def fails(*_, **__):
        raise ZeroDivisionError("broken")

    with monkeypatch.context() as broken:
        broken.setattr(place, "run", fails)
        assert "ZeroDivisionError" in until(client, ask(client, "a"), "failed")["message"]
    until(client, ask(client, "b"), "done")


def test_earlier_results_are_there_after_a_restart(client, runs):
    number = ask(client, "a")
    until(client, number, "done")
    again = Runs(runs.folder, {})
    assert [run["number"] for run in again.told] == [number]
    assert again.compared([number]).names == ["a"]
    again.close()


def test_saving_keeps_what_is_there_and_names_the_command(client, tmp_path):
    body = {"yaml": text_of("mine"), "benchmark": "world2022-12x12", "horizon": "short"}
    told = client.post("/save", json=body).json()
    assert told["command"] == "cge run mine.yaml --benchmark world2022-12x12 --horizon short"
    assert library.load(tmp_path / "mine.yaml").name == "mine"
    other = client.post("/save", json={**body, "yaml": body["yaml"] + "# more\n"})
    assert other.status_code == 422
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == body["yaml"]


def test_faults_of_a_file_are_all_told(client):
    faults = client.post("/check", json={"yaml": "name: A\nshocks: [{instrument: nothing}]\n"}).json()["faults"]
    assert len(faults) > 1


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("instrument", {"instrument": "import_tariff", "exporters": "KOR, JPN", "importers": "USA", "set": "7.5"},
         {"exporters": ["KOR", "JPN"], "importers": "USA", "set": 7.5}),
        ("instrument", {"instrument": "import_tariff", "exporters": "{include: goods, except: farm}", "importers": "a"},
         {"exporters": {"include": "goods", "except": "farm"}}),
        ("quota", {"quota": "hard", "volume": "0.5", "together": "true"}, {"volume": 0.5, "together": True}),
        ("quota", {"quota": "hard", "volume": "{tonnes: 3, base_tonnes: 2}"},
         {"volume": {"tonnes": 3, "base_tonnes": 2}}),
        ("agreement", {"agreement": "cptpp", "action": "accession", "members": "KOR", "year": "2030"},
         {"members": ["KOR"], "year": 2030}),
    ],
)  # fmt: skip
def test_a_form_is_written_as_a_file_says_it(kind, values, expected):
    from ruamel.yaml import YAML

    text = forms.written({"name": "x", "sources": "a; b", "shocks": [{"kind": kind, "values": values}]})
    told = YAML(typ="safe").load(text)
    assert told["sources"] == ["a", "b"]
    assert {key: told["shocks"][0][key] for key in expected} == expected


def test_a_form_cannot_write_what_is_no_value():
    with pytest.raises(Exception, match="set 'seven' is not number"):
        forms.written({"shocks": [{"kind": "instrument", "values": {"set": "seven"}}]})
    with pytest.raises(Exception, match="choose what it is"):
        forms.written({"shocks": [{"kind": "nothing"}]})


def test_the_default_form_is_a_scenario():
    assert Draft("x.yaml", text_of("x")).faults == []


def test_a_scenario_of_the_library_runs_as_it_is_and_not_when_changed(client):
    text = client.get("/scenario?name=korea-cptpp").json()["yaml"]
    assert client.post("/check", json={"yaml": text}).json()["name"] == "korea-cptpp"
    assert client.post("/check", json={"yaml": text + "leaves_out: more\n"}).status_code == 422
    assert client.get("/scenario?name=../secret").status_code == 422
