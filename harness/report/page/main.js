import { Model } from "./data.js";
import { element } from "./dom.js";
import { Drawer } from "./drawer.js";
import { apply } from "./filter.js";
import { Grid } from "./grid.js";
import { grouped } from "./groups.js";
import { read_state, write_state } from "./state.js";
import { behaviours_view, clients_view, counters_view, names_view } from "./views.js";

// "SCENARIO|CLIENT:MODE"; ids of strangers may hold the bar, too.
function found_cell(model, text) {
  for (let at = text.indexOf("|"); at >= 0; at = text.indexOf("|", at + 1)) {
    const s = model.scenarios.findIndex((x) => x.id === text.slice(0, at)), c = model.columns.findIndex((x) => x.id === text.slice(at + 1));
    if (s >= 0 && c >= 0) return [s, c];
  }
  return [-1, -1];
}

export function start(raw) {
  const model = new Model(raw);
  let state = read_state(location.hash), result = null;
  const by = (id) => document.getElementById(id);
  const set = (change, replace = false) => {
    state = { ...state, ...change };
    const address = write_state(state);
    if (replace) history.replaceState(null, "", address);
    else if (address !== (location.hash || "#")) history.pushState(null, "", address);
    draw();
  };
  const drawer = new Drawer(document.querySelector("main"), model, () => { set({ cell: "" }); grid.box.focus(); });
  const open = (s, c) => set({ cell: `${model.scenarios[s].id}|${model.columns[c].id}` });
  const grid = new Grid(by("matrix"), model, open);
  const choose = (query) => { by("filter").value = query; set({ q: query, view: "matrix" }); };
  let shown_cell = "", shown_query = null;

  function draw() {
    if (by("filter").value !== state.q) by("filter").value = state.q;
    by("group").value = state.group;
    for (const tab of document.querySelectorAll("[data-view]")) tab.setAttribute("aria-selected", String(tab.dataset.view === state.view));
    for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== state.view;
    const key = `${state.q}|${state.group}`;
    if (key !== shown_query) {
      shown_query = key;
      result = apply(model, state.q);
      by("counts").replaceChildren(...counters_view(model, result, (q) => choose(`${state.q} ${q}`.trim())).filter(Boolean));
      by("found").textContent = `${result.cells} cells in ${result.rows.length} scenarios and ${result.columns.length} modes` +
        (result.unknown.length ? `; "${result.unknown[0]}:" is no key of the filter` : "");
      grid.show(grouped(model, result.rows, result.columns, state.group), result.columns, result.hit);
      by("chips").replaceChildren(...result.terms.map((t, i) => element("button", {
        type: "button", class: "chip", "aria-label": `Remove ${t.value}`,
        onclick: () => choose(state.q.trim().split(/\s+/).filter((w, at) => at !== i).join(" ")),
      }, `${t.not ? "not " : ""}${t.key === "text" || t.key === "is" ? "" : `${t.key}: `}${t.value} ×`)));
    } else {
      grid.draw();
    }
    if (state.cell !== shown_cell) {
      shown_cell = state.cell;
      const [s, c] = found_cell(model, state.cell);
      if (s >= 0 && c >= 0) {
        drawer.open(s, c).then(() => grid.go_to(s, c));
      } else if (!drawer.box.hidden) {
        drawer.box.hidden = true;
        grid.draw();
      }
    }
  }

  by("behaviours").replaceChildren(behaviours_view(model, choose));
  by("clients").replaceChildren(clients_view(model, choose));
  by("names").replaceChildren(names_view(model));
  by("filter").addEventListener("input", (event) => set({ q: event.target.value }, true));
  by("group").addEventListener("change", (event) => set({ group: event.target.value }));
  for (const tab of document.querySelectorAll("[data-view]")) tab.addEventListener("click", () => set({ view: tab.dataset.view }));
  addEventListener("hashchange", () => { state = read_state(location.hash); draw(); });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) {
      event.preventDefault();
      by("filter").focus();
    }
  });
  addEventListener("beforeprint", () => { grid.printing = true; grid.draw(); });
  addEventListener("afterprint", () => { grid.printing = false; grid.draw(); });
  draw();
  return { model, grid, drawer };
}
