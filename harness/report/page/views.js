// What stands beside the matrix: behaviours first, then counters by client, then which names each mode checks.
import { OUTCOMES, IS_FAULT, MEANING, RIGHT, DID_WORDS, plural } from "./data.js";
import { element } from "./dom.js";

const code_of = (outcome) => OUTCOMES.indexOf(outcome);

// One button for each outcome that is left, with its count.
export function counters(result, choose) {
  return OUTCOMES.slice(0, -1).map((outcome, i) => (result.counts[i] ? element("button", {
    type: "button", class: `chip ${outcome}`, title: MEANING[outcome], onclick: () => choose(outcome),
  }, element("b", { "aria-hidden": "true" }, RIGHT[outcome]), ` ${result.counts[i].toLocaleString("en")} ${outcome}`) : null));
}

// What clients do, each with the modes that do it and the cells behind them. `go` changes the state of the page.
export function behaviours_view(model, opened, go) {
  const others = unnamed_faults(model);
  if (!model.behaviours.length && !others) return element("p", {}, "No deviation: every mode did as the policy that it claims asks for, or the standards leave it open.");
  const most = Math.max(...model.behaviours.map((b) => b.columns.length));
  const items = model.behaviours.map((b) => {
    const open = b.slug === opened;
    return element("li", {},
      element("button", { type: "button", class: "phrase", "aria-expanded": String(open), onclick: () => go({ open: open ? "" : b.slug }) },
        element("span", { class: "turn", "aria-hidden": "true" }, open ? "▾" : "▸"), `${b.phrase}: `, element("b", {}, plural(b.columns.length, "mode"))),
      element("span", { class: "bar", "aria-hidden": "true" }, element("span", { class: model.outcome_of(b.columns[0].rows[0], b.columns[0].column), style: `width:${(100 * b.columns.length) / most}%` })),
      element("span", { class: "count" }, plural(b.cells, "cell")),
      element("button", { type: "button", class: "link", onclick: () => go({ q: `behaviour:${b.slug}`, view: "matrix" }) }, "in the matrix"),
      open ? modes_of(model, b, go) : null);
  });
  if (others) {
    items.push(element("li", {}, element("span", { class: "other" }, "faults that show no behaviour known by a name"), element("span"), element("span", { class: "count" }, plural(others, "cell")),
      element("button", { type: "button", class: "link", onclick: () => go({ q: "faults -behaviour:*", view: "matrix" }) }, "in the matrix")));
  }
  return element("ol", { class: "behaviours" }, items);
}

// Faults that no behaviour explains.
function unnamed_faults(model) {
  const named = new Set(model.behaviours.flatMap((b) => b.columns.flatMap(({ column, rows }) => rows.map((s) => model.at(s, column)))));
  return model.outcome.reduce((sum, o, at) => sum + (IS_FAULT[o] && !named.has(at) ? 1 : 0), 0);
}

function modes_of(model, b, go) {
  const MOST = 25;
  return element("table", { class: "shown" }, element("tbody", {}, b.columns.map(({ column, rows }) => {
    const id = model.columns[column].id;
    return element("tr", {}, element("th", { scope: "row" }, id, element("small", {}, ` ${model.columns[column].version}`)), element("td", {},
      rows.slice(0, MOST).map((s) => [element("button", { type: "button", class: "link", title: model.scenarios[s].title, onclick: () => go({ cell: `${model.scenarios[s].id}|${id}` }) },
        element("span", { class: `sign ${model.outcome_of(s, column)}` }, RIGHT[model.outcome_of(s, column)]), ` ${model.scenarios[s].id}`), " "]),
      rows.length > MOST ? `and ${rows.length - MOST} more` : ""));
  })));
}

const COUNTERS = [["accepts a wrong identity", ["lax"]], ["refuses a right one", ["strict"]], ["sends in clear", ["downgrade"]], ["hangs or crashes", ["hang", "crash"]],
  ["not judged", ["harness-error"]], ["open", ["either"]], ["as expected", ["pass"]], ["not tried", ["unsupported"]]];

export function clients_view(model, go) {
  const all = model.scenarios.map((s) => s.index), bodies = [];
  let client = null, body;
  for (const column of model.columns) {
    if (column.client !== client) {
      client = column.client;
      body = element("tbody", {}, element("tr", { class: "client" }, element("th", { scope: "rowgroup", colspan: COUNTERS.length + 2 },
        `${column.title || client} ${column.version}`, element("small", {}, ` ${[column.tls, column.package].filter(Boolean).join(" · ")}`))));
      bodies.push(body);
    }
    const counts = model.counts(column.index, all), ran = all.length - counts[code_of("not-run")] - counts[code_of("unsupported")];
    body.append(element("tr", {},
      element("th", { scope: "row" }, element("button", { type: "button", class: "link", title: column.modeTitle, onclick: () => go({ q: `client:${column.id}`, view: "matrix" }) }, column.mode)),
      element("td", {}, column.policy),
      COUNTERS.map(([title, outcomes]) => {
        const n = outcomes.reduce((sum, o) => sum + counts[code_of(o)], 0);
        return element("td", { class: "number", title: `${column.id} ${title} in ${n} of ${plural(ran, "scenario")}` },
          n ? element("button", { type: "button", class: `link ${outcomes[0]}`, onclick: () => go({ q: [`client:${column.id}`, ...outcomes.map((o) => `outcome:${o}`)].join(" "), view: "matrix" }) }, String(n)) : "·");
      })));
  }
  return element("table", { class: "clients" }, element("thead", {}, element("tr", {},
    ["mode", "claims", ...COUNTERS.map((c) => c[0])].map((h, i) => element("th", { scope: "col", class: i > 1 ? "number" : "" }, h, i > 1 ? element("small", {}, " in N scenarios") : null)))), bodies);
}

const TAKES = { accept: ["✓", "yes"], reject: ["✗", "no"], plaintext: ["C", ""], none: ["–", ""], nothing: ["", ""] };

// A mode's card: which of the names that servers have makes it go on, each tried alone.
export function names_view(model, go) {
  const names = model.names.filter((n) => n.row !== null);
  if (names.length < 2) return element("p", {}, "These results do not have the scenarios in which a certificate is right for one name only; \"mxident fingerprint CLIENT\" asks for them.");
  const stranger = model.names[model.names.length - 1];
  const rows = model.columns.map((column) => {
    const did = (name) => (name.row === null ? "nothing" : model.decision_of(name.row, column.index));
    const taken = names.filter((n) => did(n) === "accept").map((n) => n.title);
    const refused = names.filter((n) => did(n) === "reject").map((n) => n.title), tried = taken.length + refused.length;
    const any = did(stranger) === "accept", all = any && !refused.length;
    const has = (what) => names.some((n) => did(n) === what);
    const sentence = !tried ? (has("plaintext") ? "sends in clear" : has("none") ? "does not come to that" : "was not tried")
      : all ? "checks no name" : any ? `takes any name but ${refused.join(", ")}` : taken.length ? `takes ${taken.join(", ")}` : tried > 1 ? "takes none of them" : `does not take ${refused[0]}`;
    return element("tr", { class: all ? "all" : "" }, element("th", { scope: "row" }, element("button", { type: "button", class: "link", onclick: () => go({ q: `client:${column.id}`, view: "matrix" }) }, column.id)),
      element("td", {}, column.policy),
      names.map((n) => {
        const [sign, kind] = TAKES[did(n)];
        return element("td", { class: `name-cell ${kind}` }, sign ? element("button", { type: "button", class: "link", "aria-label": `${column.id}, ${n.title}: ${DID_WORDS[did(n)]}`, title: `${n.title}: ${DID_WORDS[did(n)]}`,
          onclick: () => go({ cell: `${model.scenarios[n.row].id}|${column.id}` }) }, sign) : "");
      }), element("td", { class: "says" }, sentence));
  });
  return [element("p", { class: "note" }, `Each column is a certificate that is valid for this name and nothing else, shown by a mail host. ✓ goes on, ✗ gives up, C sends in clear, – does not come to that.${names.length < model.names.length ? ` Not in these results: ${model.names.filter((n) => n.row === null).map((n) => n.title).join(", ")}.` : ""}`),
    element("table", { class: "names" }, element("thead", {}, element("tr", {}, ["mode", "claims", ...names.map((n) => n.title), "so it"].map((h, i) => element("th", { scope: "col", class: i > 1 && i < names.length + 2 ? "slant" : "" }, element("span", {}, h))))), element("tbody", {}, rows))];
}
