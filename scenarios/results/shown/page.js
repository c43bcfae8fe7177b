"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const make = (tag, text, attributes) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    return node;
  };
  const measure = byId("measure"), rows = byId("rows"), filter = byId("filter"), table = byId("numbers");
  data.measures.forEach((m, k) => measure.append(make("option", m.unit ? `${m.title}, ${m.unit}` : m.title, { value: k })));
  rows.append(make("option", "all", { value: "all" }), make("option", "regions", { value: "regions" }), make("option", "groups and the world", { value: "groups" }));
  data.groups.forEach((g, k) => rows.append(make("option", `members of ${g.name}`, { value: k })));
  measure.value = Math.max(0, data.measures.findIndex((m) => m.title === "EV" && m.unit.startsWith("%")));
  const horizon = byId("horizon"), horizons = [...new Set(data.horizons)];
  horizon.append(make("option", "all", { value: "" }), ...horizons.map((name) => make("option", name, { value: name })));
  horizon.parentElement.hidden = horizons.length < 2;
  const columns = () => data.scenarios.map((_, k) => k).filter((k) => !horizon.value || data.horizons[k] === horizon.value);
  let sorted = { column: -1, down: true };

  function number(value, digits) {
    if (value === null) return "";
    const text = value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return /[1-9]/.test(text) ? text : text.replace("-", "");
  }

  function visible(row) {
    const which = rows.value, words = filter.value.trim().toLowerCase();
    const inside = which === "all" || (which === "regions" && !row.own) || (which === "groups" && row.own) || (/^\d+$/.test(which) && data.groups[which].members.includes(row.label));
    return inside && (!words || `${row.label} ${row.name}`.toLowerCase().includes(words));
  }

  function heads(current) {
    const titles = ["region", "name", ...columns().map((k) => data.scenarios[k])];
    const line = make("tr");
    titles.forEach((title, k) => {
      const cell = make("th", undefined, { scope: "col" });
      const button = make("button", title, { type: "button" });
      button.addEventListener("click", () => {
        sorted = { column: k, down: sorted.column === k ? !sorted.down : k > 1 };
        draw();
        table.tHead.rows[0].cells[k].querySelector("button").focus();
      });
      cell.append(button);
      if (k > 1) cell.className = "number";
      if (sorted.column === k) cell.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      line.append(cell);
    });
    table.tHead.replaceChildren(line);
    byId("numbers-caption").textContent = `${current.title}${current.unit ? ", " + current.unit : ""}. File: NAME/${current.file}`;
  }

  function compare(a, b) {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1; // what is not known comes last
    const order = typeof a === "string" ? a.localeCompare(b) : a - b;
    return sorted.down ? -order : order;
  }

  function draw() {
    const current = data.measures[measure.value], values = data.values[measure.value];
    heads(current);
    const held = columns();
    const key = (k) => (sorted.column === 0 ? data.rows[k].label : sorted.column === 1 ? data.rows[k].name : values[k][held[sorted.column - 2]]);
    const order = data.rows.map((_, k) => k).filter((k) => visible(data.rows[k]));
    if (sorted.column >= 0) order.sort((a, b) => compare(key(a), key(b)));
    table.tBodies[0].replaceChildren(...order.map((k) => {
      const row = data.rows[k], line = make("tr");
      if (row.own) line.className = "own";
      line.append(make("th", row.label, { scope: "row" }), make("td", row.name));
      held.map((j) => values[k][j]).forEach((value) => line.append(make("td", number(value, current.digits), { class: value < 0 ? "number negative" : "number" })));
      return line;
    }));
  }

  [measure, rows].forEach((node) => node.addEventListener("change", draw));
  horizon.addEventListener("change", () => { sorted = { column: -1, down: true }; draw(); });
  filter.addEventListener("input", draw);
  draw();

  document.querySelectorAll("table.sortable").forEach((own) => {
    own.querySelectorAll("thead button").forEach((button, k) => button.addEventListener("click", () => {
      const head = button.parentElement, down = head.getAttribute("aria-sort") !== "descending";
      own.querySelectorAll("thead th").forEach((cell) => cell.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (line) => line.cells[k].textContent.replaceAll(",", "");
      const lines = [...own.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)], numbers = x !== "" && y !== "" && !isNaN(x) && !isNaN(y);
        return (down ? -1 : 1) * (numbers ? x - y : x.localeCompare(y));
      });
      own.tBodies[0].append(...lines);
    }));
  });

  document.querySelectorAll("script.spec").forEach((node) => {
    const place = byId(`chart-${node.dataset.chart}`);
    vegaEmbed(place, JSON.parse(node.textContent), { actions: false, renderer: "svg", logLevel: 1 /* errors */ }).catch((error) => {
      place.textContent = `This chart could not be drawn: ${error.message}`;
      console.error(error);
    });
  });
})();
