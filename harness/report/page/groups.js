// The order of the rows: by section of the rule, by risk in plain words, by client, or as in the catalogue.
import { OUTCOMES, IS_FAULT, plural } from "./data.js";

const RISKS = [
  ["lax", "Somebody else can get the mail: a wrong identity was accepted"],
  ["downgrade", "Mail went in clear that had to be protected"],
  ["strict", "Mail may be lost: a right identity was refused"],
  ["hang", "A client did not end"], ["crash", "A client crashed"],
  ["harness-error", "Could not be judged"],
];
const HARMLESS = "As expected, or left open by the standards";

const NUMBERS = new Intl.Collator("en", { numeric: true });

// Sections of texts first, then rules that stand in none.
function by_number(a, b) {
  const first = (title) => (title.startsWith("RFC ") ? 0 : 1);
  return first(a) - first(b) || NUMBERS.compare(a, b);
}

// [{title, note, rows, columns}] in order. A row stands once, in the first group that fits; by client it stands with each
// client that has a fault in it, and only that client's columns are meant.
export function grouped(model, result, how) {
  const { rows, columns } = result;
  if (how === "none") return [{ title: "", rows }];
  if (how === "client") return by_client(model, result);
  if (how === "risk") return by_risk(model, result);
  const groups = new Map();
  const put = (title, s) => {
    const known = groups.get(title);
    if (known) known.push(s);
    else groups.set(title, [s]);
  };
  for (const s of rows) put(model.section(s), s);
  return [...groups.keys()].sort(by_number).map((title) => ({ title, note: note_of(model, groups.get(title), columns), rows: groups.get(title) }));
}

function note_of(model, rows, columns) {
  let faults = 0;
  for (const s of rows) for (const c of columns) faults += IS_FAULT[model.outcome[model.at(s, c)]];
  return `${plural(rows.length, "scenario")}${faults ? `, ${plural(faults, "fault")}` : ""}`;
}

// By the worst that a scenario shows, and in a group those first that show it most often.
function by_risk(model, { rows, columns }) {
  const rank = new Uint8Array(OUTCOMES.length).fill(RISKS.length);
  RISKS.forEach(([outcome], i) => { rank[OUTCOMES.indexOf(outcome)] = i; });
  const groups = [...RISKS.map((r) => r[1]), HARMLESS].map((title) => ({ title, rows: [], cells: 0 }));
  const times = new Map(), count = new Uint32Array(groups.length);
  for (const s of rows) {
    count.fill(0);
    for (const c of columns) ++count[rank[model.outcome[model.at(s, c)]]];
    const group = groups[count.findIndex((n) => n > 0)];
    if (!group) continue;
    const most = count.find((n) => n > 0);
    times.set(s, most);
    group.rows.push(s);
    group.cells += most;
  }
  return groups.filter((g) => g.rows.length).map(({ title, rows: own, cells }) => ({
    title, note: title === HARMLESS ? plural(own.length, "scenario") : `${plural(cells, "time")} in ${plural(own.length, "scenario")}`,
    rows: title === HARMLESS ? own : own.sort((a, b) => times.get(b) - times.get(a)),
  }));
}

function by_client(model, { rows, columns, hit }) {
  const clients = new Map();
  for (const c of columns) {
    const name = model.columns[c].client;
    if (!clients.has(name)) clients.set(name, []);
    clients.get(name).push(c);
  }
  const lax = OUTCOMES.indexOf("lax"), strict = OUTCOMES.indexOf("strict");
  return [...clients].map(([client, own]) => {
    const theirs = [];
    let wrong = 0, right = 0;
    for (const s of rows) {
      let takes = false, refuses = false, shown = false;
      for (const c of own) {
        const at = model.at(s, c), outcome = model.outcome[at];
        takes ||= outcome === lax;
        refuses ||= outcome === strict;
        shown ||= hit ? hit[at] === 1 : IS_FAULT[outcome] === 1;
      }
      wrong += takes;
      right += refuses;
      if (shown) theirs.push(s);
    }
    const column = model.columns[own[0]];
    const note = `accepts a wrong identity in ${plural(wrong, "scenario")}, refuses a right one in ${right}`;
    return { title: `${client} ${column.version}`, note, rows: theirs, columns: new Set(own) };
  }).filter((g) => g.rows.length);
}
