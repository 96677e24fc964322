// What goes on paper: counters, behaviours, and the matrix that the filter leaves as plain tables, some columns each.
import { DID, RIGHT, MEANING, plural } from "./data.js";
import { element } from "./dom.js";

const COLUMNS_A_TABLE = 24, MOST_CELLS = 40000;

export function paper(model, { query, groups, result, behaviours }) {
  const out = [element("p", {}, query ? `Filter: ${query}. ` : "", `${plural(result.cells, "cell")}, ${plural(result.rows.length, "scenario")}, ${plural(result.columns.length, "mode")}.`),
    element("p", {}, Object.entries(MEANING).slice(0, -1).map(([outcome, meaning]) => `${RIGHT[outcome]} ${meaning}`).join("; "), ". First sign: A accepted, R refused, C in clear, N did not come to that."),
    element("h2", {}, "Behaviours"), behaviours];
  const rows = groups.reduce((sum, g) => sum + g.rows.length, 0);
  if (rows * result.columns.length > MOST_CELLS) {
    out.push(element("p", {}, `The matrix has more than ${MOST_CELLS.toLocaleString("en")} cells, which is more than one prints: a filter makes it smaller ("faults", "client:NAME").`));
    return out;
  }
  out.push(element("h2", {}, "Matrix"));
  for (let from = 0; from < result.columns.length; from += COLUMNS_A_TABLE) {
    const columns = result.columns.slice(from, from + COLUMNS_A_TABLE);
    out.push(element("table", { class: "matrix" },
      element("thead", {}, element("tr", {}, element("th", {}), columns.map((c) => element("th", { scope: "col" }, element("span", {}, model.columns[c].id))))),
      element("tbody", {}, groups.map((group) => [
        group.title ? element("tr", { class: "title" }, element("th", { colspan: columns.length + 1, scope: "rowgroup" }, `${group.title} (${group.note})`)) : null,
        group.rows.map((s) => element("tr", {}, element("th", { scope: "row" }, model.scenarios[s].id), columns.map((c) => {
          const outcome = model.outcome_of(s, c);
          return element("td", { class: outcome }, outcome === "not-run" ? "" : DID[model.decision_of(s, c)] + RIGHT[outcome]);
        })))]))));
  }
  return out;
}
