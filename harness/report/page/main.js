import { Model, plural } from "./data.js";
import { Details } from "./details.js";
import { element } from "./dom.js";
import { Drawer } from "./drawer.js";
import { Filter, parse } from "./filter.js";
import { Grid } from "./grid.js";
import { grouped } from "./groups.js";
import { paper } from "./print.js";
import { read_state, write_state } from "./state.js";
import { behaviours_view, clients_view, counters, names_view } from "./views.js";

// "SCENARIO|CLIENT:MODE"; ids of strangers may hold the bar, too.
function found_cell(model, text) {
  for (let at = text.indexOf("|"); at >= 0; at = text.indexOf("|", at + 1)) {
    const s = model.scenarios.findIndex((x) => x.id === text.slice(0, at)), c = model.columns.findIndex((x) => x.id === text.slice(at + 1));
    if (s >= 0 && c >= 0) return [s, c];
  }
  return [-1, -1];
}

export function start(raw) {
  const model = new Model(raw), filter = new Filter(model), by = (id) => document.getElementById(id);
  let state = read_state(location.hash), result = null, groups = [], shown_query = null, shown_cell = "";
  const drawn = {};  // what each view was drawn from
  const go = (change, replace = false) => {
    state = { ...state, ...change };
    const address = write_state(state);
    if (replace) history.replaceState(null, "", address);
    else if (address !== (location.hash || "#")) history.pushState(null, "", address);
    draw();
  };
  const details = new Details(model);
  const drawer = new Drawer(document.querySelector("main"), model, details, {
    closed: () => { go({ cell: "" }); (state.view === "matrix" ? grid.box : by(`tab-${state.view}`)).focus(); },
    // A link of the drawer that names a scenario only means the same mode.
    go: (change) => go(change.cell && !change.cell.includes("|") ? { cell: `${change.cell}${state.cell.slice(state.cell.lastIndexOf("|"))}` } : change),
  });
  const grid = new Grid(by("matrix"), model, (s, c) => go({ cell: `${model.scenarios[s].id}|${model.columns[c].id}` }));

  function without(terms, term) {
    return terms.filter((t) => t !== term).map((t) => t.word).join(" ");
  }
  function draw_filter() {
    const { terms, unknown } = parse(state.q);
    result = { ...filter.apply(terms), terms, unknown };
    groups = grouped(model, result, state.group);
    by("counts").replaceChildren(...counters(result, (outcome) => go({ q: [...terms.filter((t) => t.key !== "outcome").map((t) => t.word), `outcome:${outcome}`].join(" ") })).filter(Boolean));
    by("found").textContent = `${result.cells} cells in ${plural(result.rows.length, "scenario")} and ${plural(result.columns.length, "mode")}` +
      (unknown.length ? `; "${unknown[0]}:" is no key of the filter` : "");
    by("chips").replaceChildren(...terms.map((t) => element("button", {
      type: "button", class: "chip term", "aria-label": `Remove ${t.word}`, title: "Remove", onclick: () => go({ q: without(terms, t) }),
    }, `${t.not ? "not " : ""}${t.key === "text" || t.key === "is" ? "" : `${t.key}: `}${t.value} `, element("small", {}, terms.length > 1 ? filter.apply([t]).cells.toLocaleString("en") : ""), " ×")));
    grid.show(groups, result.columns, result.hit);
  }
  function draw() {
    if (by("filter").value !== state.q) by("filter").value = state.q;
    by("group").value = state.group;
    for (const tab of document.querySelectorAll("[data-view]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.view === state.view));
      tab.tabIndex = tab.dataset.view === state.view ? 0 : -1;
    }
    for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== state.view;
    const query = `${state.group} ${state.q}`;
    if (query !== shown_query) {
      shown_query = query;
      draw_filter();
    } else if (state.view === "matrix") {
      grid.draw();
    }
    const views = {
      behaviours: [state.open, () => [behaviours_view(model, state.open, go)]], clients: ["", () => [clients_view(model, go)]], names: ["", () => [names_view(model, go)].flat()],
    };
    const view = views[state.view];
    if (view && drawn[state.view] !== view[0]) {
      drawn[state.view] = view[0];
      by(state.view).replaceChildren(...view[1]());
    }
    if (state.cell === shown_cell) return;
    shown_cell = state.cell;
    const [s, c] = found_cell(model, state.cell);
    if (s >= 0 && c >= 0) {
      drawer.open(s, c).then(() => { if (state.view === "matrix") { grid.draw(); grid.go_to(s, c); } });
    } else {
      drawer.hide();
      grid.draw();
    }
  }

  by("filter").addEventListener("input", (event) => go({ q: event.target.value }, true));
  by("group").addEventListener("change", (event) => go({ group: event.target.value }));
  const tabs = [...document.querySelectorAll("[data-view]")];
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => go({ view: tab.dataset.view }));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      next.focus();
      next.click();
    });
  });
  addEventListener("hashchange", () => { state = read_state(location.hash); draw(); });
  addEventListener("popstate", () => { state = read_state(location.hash); draw(); });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) {
      event.preventDefault();
      by("filter").focus();
    }
    if (event.key === "Escape" && document.activeElement === by("filter")) grid.box.focus();
  });
  addEventListener("beforeprint", () => by("paper").replaceChildren(...paper(model, { query: state.q, groups, result, behaviours: behaviours_view(model, "", go) })));
  addEventListener("afterprint", () => by("paper").replaceChildren());
  draw();
  return { model, grid, drawer, filter };
}
