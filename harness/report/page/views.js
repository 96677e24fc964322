// What stands before the matrix: behaviours, counters by client, which names each mode checks.
import { OUTCOMES, MEANING } from "./data.js";
import { element } from "./dom.js";

export function counters_view(model, result, choose) {
  return OUTCOMES.slice(0, -1).map((outcome, i) => {
    const n = result.counts[i];
    if (!n) return null;
    return element("button", { type: "button", class: `chip ${outcome}`, title: MEANING[outcome], onclick: () => choose(`outcome:${outcome}`) }, `${n} ${outcome}`);
  });
}

export function behaviours_view(model, choose) {
  if (!model.behaviours.length) return element("p", {}, "No deviation: every mode did as the policy that it claims asks for, or the standards leave it open.");
  const rows = model.behaviours.map((b) => {
    const modes = b.columns.map((c) => model.columns[c].id);
    return element("li", {},
      element("button", { type: "button", class: "link", onclick: () => choose(`behaviour:${b.slug} faults`) }, b.phrase),
      element("span", { class: "count" }, `${modes.length} mode${modes.length === 1 ? "" : "s"}, ${b.cells} cell${b.cells === 1 ? "" : "s"}`),
      element("details", {}, element("summary", {}, "which"), element("p", {}, modes.join(", "))));
  });
  return element("ol", { class: "behaviours" }, rows);
}

export function clients_view(model, choose) {
  const all = model.scenarios.map((s) => s.index);
  const index = (o) => OUTCOMES.indexOf(o);
  const number = (n, column, outcome) => element("td", {}, n ? element("button", { type: "button", class: `link ${outcome}`, onclick: () => choose(`client:${column.id} outcome:${outcome}`) }, String(n)) : "·");
  const rows = model.columns.map((column) => {
    const n = model.counts(column.index, all);
    return element("tr", {}, element("th", { scope: "row" }, column.id, element("small", {}, ` ${column.version} ${column.package || ""} ${column.tls || ""}`)),
      element("td", {}, column.policy), number(n[index("lax")], column, "lax"), number(n[index("strict")], column, "strict"), number(n[index("downgrade")], column, "downgrade"),
      number(n[index("hang")] + n[index("crash")], column, "hang"), element("td", {}, String(n[index("pass")])), element("td", {}, String(n[index("either")] || "·")), element("td", {}, String(n[index("unsupported")] || "·")));
  });
  const heads = ["client and mode", "claims", "accepts a wrong identity", "refuses a right one", "sends in clear", "hangs or crashes", "as expected", "open", "not tried"];
  return element("table", { class: "clients" }, element("thead", {}, element("tr", {}, heads.map((h) => element("th", { scope: "col" }, h)))), element("tbody", {}, rows));
}

export function names_view(model) {
  if (!model.fingerprints.length) return element("p", {}, "No fingerprints in these results: mxident fingerprint makes them.");
  const heads = model.fingerprints[0].names.map((n) => n.title);
  const rows = model.fingerprints.map((f) => element("tr", {}, element("th", { scope: "row" }, `${f.client}:${f.mode}`),
    f.names.map((n) => element("td", { class: n.checked ? "yes" : "no" }, n.checked ? "✓" : "·"))));
  return element("table", { class: "names" }, element("thead", {}, element("tr", {}, element("th", {}, ""), heads.map((h) => element("th", { scope: "col" }, h)))), element("tbody", {}, rows));
}
