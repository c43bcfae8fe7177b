"""A default that moved is said once a folder of results."""

import json

from cge.scenarios.economy.setting import DEFAULT_BENCHMARK, FORMER_BENCHMARK
from cge.scenarios.screen.defaults import news


def test_the_first_run_under_a_new_default_says_so_and_how_to_have_the_old(tmp_path):
    assert FORMER_BENCHMARK in news(DEFAULT_BENCHMARK, tmp_path)
    assert news(FORMER_BENCHMARK, tmp_path) == ""
    for name, benchmark in (("a", FORMER_BENCHMARK), ("b", DEFAULT_BENCHMARK)):
        assert news(DEFAULT_BENCHMARK, tmp_path)
        (tmp_path / name).mkdir()
        (tmp_path / name / "proof.json").write_text(json.dumps({"benchmark": benchmark}))
    assert news(DEFAULT_BENCHMARK, tmp_path) == ""
    (tmp_path / "b" / "proof.json").write_text("no json")
    assert news(DEFAULT_BENCHMARK, tmp_path)
