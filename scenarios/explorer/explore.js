"use strict";
(async function () {
  const byId = (id) => document.getElementById(id);
  const make = (tag, text, attributes, ...inside) => {
    const node = document.createElement(tag);
    if (text !== undefined && text !== null) node.textContent = text;
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    node.append(...inside);
    return node;
  };
  const note = (text) => { byId("note").textContent = text; };
  const say = (faults) => byId("faults").replaceChildren(...faults.map((fault) => make("li", fault)));

  async function call(path, body) {
    const asked = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    let answer;
    try { answer = await fetch(path, asked); } catch { note("the explorer does not answer; is it still running?"); throw new Error("silent"); }
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error("refused"), { faults: told.faults || [answer.statusText] });
    return told;
  }
  const tried = (work) => async (...given) => {
    try { say([]); return await work(...given); } catch (error) { if (error.faults) say(error.faults); else if (error.message !== "silent") throw error; }
  };

  const known = await call("/known");
  const options = (node, pairs) => node.replaceChildren(...pairs.map(([value, text]) => make("option", text, { value })));
  const begin = known.begin;
  const benchmarks = [...new Set([begin.benchmark, ...known.benchmarks].filter(Boolean))];
  options(byId("benchmark"), benchmarks.map((name) => [name, name]));
  options(byId("horizon"), [["", "as the scenario says"], ...Object.entries(known.horizons).map(([name, title]) => [name, `${name}: ${title}`])]);
  options(byId("financing"), [["", "as the closure says"], ...known.financing.map((name) => [name, name])]);
  options(byId("library"), [["", "the form"], ...known.scenarios.map((s) => [s.name, `${s.name}: ${s.title}`])]);
  options(byId("kind"), known.blocks.map((block) => [block.key, `${block.key}: ${block.title}`]));
  options(byId("agreements"), known.agreements.map((name) => [name, name]));
  options(byId("scenarios"), known.scenarios.map((s) => [s.name, s.title]));
  options(byId("agents"), [["C", "households"], ["G", "government"], ["I", "investment"]]);
  for (const key of ["benchmark", "horizon", "financing"]) if (begin[key]) byId(key).value = begin[key];
  const choices = () => Object.fromEntries(["benchmark", "horizon", "financing"].map((key) => [key, byId(key).value]).filter(([, value]) => value));

  async function labels() {
    const told = await call(`/labels?${new URLSearchParams(choices())}`);
    const axis = (id, names, groups) => options(byId(id), [["all", "all"], ...groups.map((g) => [g, "group"]), ...Object.entries(names)]);
    axis("regions", told.regions, told.groups.region);
    axis("sectors", told.sectors, told.groups.sector);
    options(byId("factors"), Object.entries(told.factors));
    options(byId("layers"), told.layers.map((name) => [name, name]));
  }

  const LISTS = { exporters: "regions", importers: "regions", regions: "regions", owners: "regions", members: "regions", against: "regions", retaliation: "regions", sectors: "sectors", inputs: "sectors", factors: "factors", agents: "agents", layer: "layers", agreement: "agreements" };
  let serial = 0;
  function block(kind) {
    const of = known.blocks.find((one) => one.key === kind), box = make("fieldset", undefined, { "data-kind": kind });
    const remove = make("button", "Remove", { type: "button" });
    remove.addEventListener("click", () => { box.remove(); follow(); });
    box.append(make("legend", `${kind}: ${of.title}`), remove);
    for (const key of of.keys) {
      serial += 1;
      let field;
      if (key.choices.length) {
        field = make("select");
        options(field, [...(key.required ? [] : [["", ""]]), ...key.choices.map((word) => [word, word])]);
      } else if (key.kind === "yes or no") {
        field = make("select");
        options(field, [["", key.default], ["true", "true"], ["false", "false"]]);
      } else if (key.kind === "number" || key.kind === "whole number") field = make("input", undefined, { type: "number", step: "any" });
      else field = make("input", undefined, LISTS[key.name] ? { list: LISTS[key.name], autocomplete: "off" } : {});
      field.id = `field-${serial}`;
      field.dataset.key = key.name;
      field.setAttribute("aria-describedby", `about-${serial}`);
      const line = make("div", undefined, { "data-line": key.name }, make("label", `${key.name}${key.required ? " (must be given)" : ""}`, { for: field.id }), field, make("small", key.meaning, { id: `about-${serial}` }));
      box.append(line);
    }
    const instrument = box.querySelector("[data-key=instrument]");
    const fit = () => {
      if (!instrument) return;
      const dims = known.instruments[instrument.value] || [];
      for (const name of ["exporters", "importers", "regions", "sectors", "inputs", "factors", "agents", "owners"]) {
        const line = box.querySelector(`[data-line=${name}]`);
        line.hidden = !dims.includes(name);
        if (line.hidden) line.querySelector("[data-key]").value = "";
      }
      for (const name of ["both_ways", "inside"]) box.querySelector(`[data-line=${name}]`).hidden = !dims.includes("exporters");
      for (const name of ["layer", "replace"]) box.querySelector(`[data-line=${name}]`).hidden = instrument.value !== "import_tariff";
    };
    if (instrument) instrument.addEventListener("change", fit);
    fit();
    byId("blocks").append(box);
    return box;
  }

  const form = () => ({
    ...Object.fromEntries(["name", "title", "question", "sources", "parts"].map((id) => [id, byId(id).value])),
    shocks: [...document.querySelectorAll("fieldset")].map((box) => ({
      kind: box.dataset.kind,
      values: Object.fromEntries([...box.querySelectorAll("[data-key]")].filter((field) => !field.parentElement.hidden).map((field) => [field.dataset.key, field.value])),
    })),
  });
  let following = true, asked = 0;
  function own(text) {
    following = false;
    byId("source").textContent = text;
  }
  const follow = tried(async () => {
    if (!following) return;
    const mine = ++asked, told = await call("/compose", form());
    if (mine === asked && following) byId("yaml").value = told.yaml;
  });
  byId("form").addEventListener("input", follow);
  byId("form").addEventListener("submit", (event) => event.preventDefault());
  byId("add").addEventListener("click", () => { block(byId("kind").value).querySelector("[data-key]").focus(); follow(); });
  byId("yaml").addEventListener("input", () => own("It was changed by hand; the form no longer writes it."));
  byId("follow").addEventListener("click", () => { following = true; byId("source").textContent = "It follows the form."; follow(); });
  byId("library").addEventListener("change", tried(async () => {
    const name = byId("library").value;
    if (!name) { byId("follow").click(); return; }
    byId("yaml").value = (await call(`/scenario?${new URLSearchParams({ name })}`)).yaml;
    own(`It is ${name} of the library; give it another name before you change or save it.`);
  }));
  byId("file").addEventListener("change", async () => {
    const file = byId("file").files[0];
    if (!file) return;
    if (file.size > 100000) { say([`${file.name} has ${file.size.toLocaleString("en-US")} bytes; a scenario has at most 100,000`]); return; }
    byId("yaml").value = await file.text();
    own(`It was read from ${file.name}.`);
  });
  ["benchmark", "horizon", "financing"].forEach((id) => byId(id).addEventListener("change", tried(labels)));

  const body = () => ({ yaml: byId("yaml").value, ...choices() });
  byId("check").addEventListener("click", tried(async () => {
    const told = await call("/check", body());
    note(`${told.name} fits the benchmark: ${told.title}`);
  }));
  byId("run").addEventListener("click", tried(async () => {
    const told = await call("/ask", body());
    shown.add(told.number);
    note(`run ${told.number} is asked for`);
    await list();
  }));
  byId("save").addEventListener("click", tried(async () => {
    const told = await call("/save", body());
    note(`saved ${told.file}; the same on the command line: ${told.command}`);
  }));

  const shown = new Set();
  let before = "";
  async function list() {
    const { runs } = await call("/runs");
    const now = JSON.stringify(runs);
    if (now === before) return runs;
    before = now;
    const active = document.activeElement && document.activeElement.dataset.at;
    byId("runs").tBodies[0].replaceChildren(...runs.map((run) => {
      const done = run.state === "done", going = run.state === "running" || run.state === "waiting";
      const box = make("input", undefined, { type: "checkbox", "aria-label": `show run ${run.number}`, "data-at": `box-${run.number}` });
      box.checked = done && shown.has(run.number);
      box.disabled = !done;
      box.addEventListener("change", () => { if (box.checked) shown.add(run.number); else shown.delete(run.number); address(runs); });
      const stop = make("button", "Stop", { type: "button", "aria-label": `stop run ${run.number}`, "data-at": `stop-${run.number}` });
      stop.addEventListener("click", tried(async () => { await call(`/runs/${run.number}/stop`, {}); note(`run ${run.number} stops at its next step`); }));
      const far = make("progress", undefined, { max: 1, value: done ? 1 : run.share, "aria-label": `progress of run ${run.number}` });
      const where = Object.values(run.choices).join(", ");
      return make("tr", undefined, {}, make("td", null, {}, box), make("td", run.number), make("td", `${run.scenario}: ${run.title}`), make("td", where), make("td", run.state),
        make("td", null, {}, ...(going ? [far, make("small", run.stage)] : [make("span", run.message)])), make("td", run.seconds.toFixed(1), { class: "number" }), make("td", null, {}, ...(going ? [stop] : [])));
    }));
    if (active) document.querySelector(`[data-at="${active}"]`)?.focus();
    address(runs);
    return runs;
  }
  const chosen = (runs) => runs.filter((run) => run.state === "done" && shown.has(run.number)).map((run) => run.number).reverse();
  function address(runs) {
    const numbers = chosen(runs), link = byId("report");
    if (numbers.length) link.href = `/report?runs=${numbers.join(",")}`; else link.removeAttribute("href");
  }
  async function watch() {
    let going = true;
    try { going = (await list()).some((run) => run.state === "running" || run.state === "waiting"); } catch { going = false; }
    setTimeout(watch, going ? 500 : 2000);
  }

  let data;
  byId("compare").addEventListener("click", tried(async () => {
    const { runs } = await call("/runs");
    data = await call(`/compared?runs=${chosen(runs).join(",")}`);
    byId("mixed").textContent = data.mixed;
    options(byId("measure"), data.measures.map((m, k) => [k, m.unit ? `${m.title}, ${m.unit}` : m.title]));
    byId("measure").value = Math.max(0, data.measures.findIndex((m) => m.title === "EV" && m.unit.startsWith("%")));
    draw();
  }));
  byId("measure").addEventListener("change", () => draw());
  function draw() {
    const at = byId("measure").value, measure = data.measures[at], table = byId("numbers");
    table.caption.textContent = `${measure.title}${measure.unit ? ", " + measure.unit : ""}. File: ${measure.file}`;
    table.tHead.replaceChildren(make("tr", undefined, {}, make("th", "region", { scope: "col" }), make("th", "name", { scope: "col" }), ...data.scenarios.map((name) => make("th", name, { scope: "col", class: "number" }))));
    table.tBodies[0].replaceChildren(...data.rows.map((row, k) => make("tr", undefined, {}, make("th", row.label, { scope: "row" }), make("td", row.name),
      ...data.values[at][k].map((value) => make("td", value === null ? "" : value.toLocaleString("en-US", { minimumFractionDigits: measure.digits, maximumFractionDigits: measure.digits }), { class: value < 0 ? "number negative" : "number" })))));
  }

  block("instrument");
  await tried(labels)();
  await follow();
  byId("run").dataset.ready = "yes";
  watch();
})();
