"""An economy: one setting for every verb, options over files over defaults, one progress, two threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import cge
from cge.errors import PolicyError, RequestError
from cge.scenarios import cli
from cge.scenarios.commands.options import OPTIONS
from cge.scenarios.economy import run as trip
from cge.scenarios.economy.economy import DEFAULTS, Options
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.files.settings import read_setting
from cge.scenarios.policy import bind as binding


@pytest.fixture(scope="module")
def small(world):
    return cge.economy(world)


def tariff(name, points):
    block = {"instrument": "import_tariff", "exporters": "all", "importers": "USA", "add": points}
    return Scenario(name=name, title="t", question="?", sources=["x"], shocks=[block])


def test_the_verbs_of_an_economy_give_what_those_of_the_package_do(small, world, tmp_path):
    one, other = small.run("us-universal-10"), cge.run("us-universal-10", world)
    np.testing.assert_allclose(one.table(), other.table(), atol=1e-10)
    assert (
        small.diff("us-universal-10", "no-change")
        .summary()
        .equals(cge.diff("us-universal-10", "no-change", world).summary())
    )
    done = small.batch("us-universal-10", tmp_path / "batch", workers=0)
    np.testing.assert_allclose(done.welfare["ev_pct"], one.table().iloc[:, 0], atol=1e-9)
    split = small.decompose("us-universal-10", steps=2)
    np.testing.assert_allclose(split.ev, one["us-universal-10"].welfare["ev_musd"], rtol=1e-7)


def test_horizons_gradients_and_optima_of_an_economy(small, world, tmp_path):
    together = small.horizons("us-universal-10", tmp_path / "h", names=("medium",))
    np.testing.assert_allclose(together.at["medium"].table(), small.run("us-universal-10").table(), atol=1e-9)
    assert (tmp_path / "h" / "medium" / "us-universal-10").is_dir()
    drivers = small.gradient(of="ev.KOR", by="import_tariff")
    pd.testing.assert_frame_equal(
        drivers.table, cge.gradient(of="ev.KOR", by="import_tariff", benchmark=world).table, rtol=1e-9
    )
    rates = {"players": ["USA"], "instrument": "import_tariff", "form": "uniform"}
    with pytest.raises(RequestError):
        small.optimum(rates | {"instrument": "import_tarif"})
    with pytest.raises(RequestError, match="this economy has the horizon long"):
        cge.economy(world, horizon="long").horizons("us-universal-10")


def test_a_model_that_one_call_built_serves_the_next(small, monkeypatch):
    small.run(tariff("five", 5))
    monkeypatch.setattr(trip, "Problem", None)  # building another would fail
    assert small.run(tariff("six", 6)).names == ["six"]


def test_a_scenario_is_bound_to_a_benchmark_once(world, tmp_path, monkeypatch):
    bound = []
    real = binding._levels
    monkeypatch.setattr(binding, "_levels", lambda *given: bound.append(given) or real(*given))
    cge.run("us-universal-10", world, out=tmp_path)
    assert len(bound) == 1
    cge.economy(world, baseline="us-universal-10")
    cge.diff("us-universal-10", "no-change", world)
    assert len(bound) == 4


def test_two_threads_use_one_economy(world):
    small = cge.economy(world)
    told = {points: [] for points in (3, 4, 5, 6)}

    def solve(points):
        found = small.run(tariff(f"t{points}", points), progress=told[points].append)
        return found.table().iloc[:, 0]

    with ThreadPoolExecutor(2) as pool:
        together = dict(zip(told, pool.map(solve, told), strict=True))
    for points, found in together.items():
        alone = cge.run(tariff(f"t{points}", points), world).table().iloc[:, 0]
        np.testing.assert_allclose(found, alone, atol=1e-9)
        assert {event.name for event in told[points]} == {f"t{points}"}


def test_reuse_and_overwrite_say_what_is_read_and_what_is_replaced(small, world, tmp_path):
    def stages(**options):
        told = []
        small.run("no-change", tmp_path, progress=told.append, **options)
        return {event.stage for event in told} & {"kept", "done"}

    assert stages() == {"done"}
    assert stages() == {"kept"}
    assert stages(overwrite=True) == {"done"}
    assert stages(overwrite=True, reuse=True) == {"kept"}
    with pytest.raises(FileExistsError, match="holds results already"):
        stages(reuse=False)
    assert cge.compare("no-change", world, out=tmp_path, overwrite=True).names == ["no-change"]


def test_a_decomposition_from_a_baseline_closes_with_its_quota_in_force(world):
    flow = {"exporters": "KOR", "importers": "USA", "sectors": "STL"}
    quota = flow | {"quota": "tariff-rate", "volume": 1.02, "rent_owners": {"importer": 1}, "in_quota_rate": 0}
    base = Scenario(
        name="base", title="t", question="?", sources=["x"],
        shocks=[quota | {"out_of_quota_rate": 60, "layer": "section232"}],
    )  # fmt: skip
    place = cge.economy(world, baseline=base)
    policy = tariff("more", 5)
    found = place.decompose(policy, steps=4, by_shock=True)
    result = place.run(policy)["more"]
    assert set(result.rents["regime"]) == {"binding"}
    np.testing.assert_allclose(found.ev, result.welfare["ev_musd"], rtol=1e-7, atol=1e-6)
    assert float(abs(found.residual).max() / abs(found.ev).max()) < 1e-4


def test_options_override_the_file_and_the_file_the_defaults(world, tmp_path):
    world.save(tmp_path / "small.nc")
    (tmp_path / "mine.csv").write_text("parameter,index,default\nesubm,STL,3.0\n")
    (tmp_path / "setting.yaml").write_text(
        "benchmark: small.nc\nclosure: unemployment\nelasticities: mine.csv\ngroups: {regions: {pair: [KOR, USA]}}\n"
    )
    place = cge.economy(setting=tmp_path / "setting.yaml")
    assert place.benchmark.sha256 == world.sha256
    assert place.closure == cge.CLOSURES["unemployment"]
    assert float(place.elasticities["esubm"].sel(sector="STL")) == 3.0
    assert "pair" in place.setting.groups["region"]
    assert place.method == "newton"
    other = cge.economy(closure="standard", method="ipopt", setting=tmp_path / "setting.yaml")
    assert (other.closure, other.method) == (cge.CLOSURES["standard"], "ipopt")
    assert "closure unemployment" in repr(place)


def test_faults_of_a_setting_file_are_told_with_their_lines(tmp_path):
    file = tmp_path / "setting.yaml"
    file.write_text("benchmark: world2020-12x12\nclosur: standard\nmethod: [newton]\n")
    with pytest.raises(PolicyError) as told:
        read_setting(file)
    assert "setting.yaml:2: unknown key 'closur' (did you mean closure?)" in str(told.value)
    assert "setting.yaml:3: method ['newton'] is not text" in str(told.value)
    with pytest.raises(PolicyError, match="there is no file"):
        cge.economy(setting=tmp_path / "none.yaml")
    file.write_text("benchmark: world2020-12x13\nmethod: ipot\n")
    with pytest.raises(RequestError) as told:
        cge.economy(setting=file)
    assert "did you mean world2020-12x12?" in str(told.value)
    assert "did you mean ipopt?" in str(told.value)


def test_every_command_and_verb_takes_every_option(world, tmp_path, monkeypatch):
    assert set(OPTIONS) == set(Options.__annotations__) == {*DEFAULTS, "setting"}
    monkeypatch.chdir(tmp_path)
    world.save(tmp_path / "small.nc")
    (tmp_path / "setting.yaml").write_text("benchmark: small.nc\nbaseline: us-universal-10\n")
    for words in (["check", "no-change"], ["diff", "no-change", "us-universal-10"], ["run", "no-change"]):
        done = CliRunner().invoke(cli.app, [*words, "--setting", "setting.yaml", "--method", "newton"])
        assert done.exit_code == 0, done.output
    assert "under us-universal-10" in " ".join(done.output.split())
