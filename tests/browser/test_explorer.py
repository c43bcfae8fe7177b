"""The explorer as a person uses it, in headless Chromium: compose, run, stop, compare, save, in two tabs."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

pytest.importorskip("starlette", reason="the extra explore is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer")
    command = [sys.executable, "-m", "cge.scenarios", "explore", "--benchmark", "world2022-12x12"]
    quiet = {**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=folder, env=quiet, stdout=subprocess.PIPE, text=True) as server:
        line = server.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield found[0], folder
        server.send_signal(signal.SIGINT)
        server.wait(60)


def opened(browser, address, **size):
    tab = browser.new_page(viewport={"width": 1280, "height": 900, **size})
    tab.told, tab.asked = [], []
    tab.on("console", lambda message: tab.told.append(message.text))
    tab.on("pageerror", lambda error: tab.told.append(str(error)))
    tab.on("dialog", lambda dialog: tab.told.append("dialog") or dialog.dismiss())
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.goto(address)
    tab.wait_for_selector("#run[data-ready]", timeout=240_000)
    return tab


def row(tab, scenario):
    return tab.locator("#runs tbody tr", has_text=scenario).first


@pytest.mark.slow
def test_compose_run_stop_compare_save_in_two_tabs(browser, address, axe):
    from playwright.sync_api import expect

    url, folder = address
    tab = opened(browser, url)
    other = opened(browser, url)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.partition("?")[0])  # noqa: S310 (the loopback)

    tab.fill("#name", "my-tariff")
    tab.fill("#title", "<script>alert(1)</script>")
    block = tab.locator("fieldset").first
    for key, text in (("exporters", "CHN"), ("importers", "USA"), ("add", "10")):
        block.locator(f"[data-key={key}]").fill(text)
    expect(tab.locator("#yaml")).to_have_value(re.compile("add: 10"), timeout=240_000)
    assert "importers: USA" in tab.input_value("#yaml")
    tab.click("#check")
    expect(tab.locator("#note")).to_contain_text("my-tariff fits", timeout=240_000)
    tab.click("#run")

    other.select_option("#library", "korea-cptpp")
    expect(other.locator("#yaml")).to_have_value(re.compile("name: korea-cptpp"), timeout=240_000)
    other.click("#run")
    other.locator("#runs tbody tr", has_text="my-tariff").wait_for(timeout=240_000)
    other.locator("#runs tbody tr", has_text="korea-cptpp").wait_for(timeout=240_000)
    row(other, "korea-cptpp").get_by_role("button").click()
    row(other, "korea-cptpp").get_by_text("stopped", exact=True).wait_for(timeout=240_000)
    row(tab, "my-tariff").get_by_text("done", exact=True).wait_for(timeout=240_000)
    tab.click("#run")
    expect(tab.locator("#runs tbody td:nth-child(5)", has_text="done")).to_have_count(2, timeout=240_000)
    tab.click("#compare")
    tab.wait_for_selector("#numbers tbody tr")
    heads = tab.eval_on_selector_all("#numbers thead th", "all => all.map(one => one.textContent)")
    assert heads[2:] == ["my-tariff (1)", "my-tariff (3)"]
    rows = {row[0]: row[2:] for row in cells(tab)}
    assert rows["USA"][0] == rows["USA"][1] != ""
    tab.select_option("#measure", label="EV, million USD")
    assert cells(tab) != rows

    tab.click("#save")
    expect(tab.locator("#note")).to_contain_text("cge run my-tariff.yaml", timeout=240_000)
    assert (folder / "my-tariff.yaml").read_text(encoding="utf-8") == tab.input_value("#yaml")
    with tab.context.expect_page(timeout=240_000) as page:
        tab.click("#report")
    page.value.wait_for_selector("#chart-sectors svg", timeout=240_000)
    assert axe(tab) == []
    for one in (tab, other):
        assert one.told == []
        assert all(asked.startswith(url.partition("?")[0]) for asked in one.asked)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 1280


def cells(tab):
    return tab.eval_on_selector_all(
        "#numbers tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )


@pytest.mark.slow
def test_a_phone_can_use_it_and_faults_are_shown(browser, address):
    tab = opened(browser, address[0], width=390)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.fill("#yaml", "name: Wrong Name")
    tab.click("#run")
    tab.wait_for_selector("#faults li")
    assert len(tab.query_selector_all("#faults li")) > 1
    assert [text for text in tab.told if "422" not in text] == []
