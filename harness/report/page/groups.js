// The order of the rows: by section of the rule, by risk in plain words, or as in the catalogue.
import { OUTCOMES } from "./data.js";

const RISKS = [
  ["lax", "Somebody else can get the mail: a wrong identity was accepted"],
  ["downgrade", "Mail went in clear that had to be protected"],
  ["strict", "Mail may be lost: a right identity was refused"],
  ["hang", "A client did not end"], ["crash", "A client crashed"],
  ["harness-error", "Could not be judged"],
];

function by_number(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}

// [{title, rows}] in order; each row stands once, in the first group that fits.
export function grouped(model, rows, columns, how) {
  if (how === "none") return [{ title: "", rows }];
  const groups = new Map();
  const put = (title, s) => { if (!groups.has(title)) groups.set(title, []); groups.get(title).push(s); };
  if (how === "risk") {
    for (const s of rows) {
      const seen = new Set(columns.map((c) => model.outcome[model.at(s, c)]));
      const risk = RISKS.find(([outcome]) => seen.has(OUTCOMES.indexOf(outcome)));
      put(risk ? risk[1] : "As expected, or open", s);
    }
    const order = [...RISKS.map((r) => r[1]), "As expected, or open"];
    return order.filter((t) => groups.has(t)).map((title) => ({ title, rows: groups.get(title) }));
  }
  for (const s of rows) put(model.scenarios[s].sections[0] || "without a rule", s);
  return [...groups.keys()].sort(by_number).map((title) => ({ title, rows: groups.get(title) }));
}
