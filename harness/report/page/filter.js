// The filter box: `client:postfix outcome:lax rule:rfc9525-6.3* tag:idn changed words`. Several values of one key are
// alternatives, several keys all hold; a leading "-" turns a term round.
import { OUTCOMES, DECISIONS, BASELINES, FAULTS } from "./data.js";

const COLUMN_KEYS = new Set(["client", "mode", "policy", "behaviour"]);
const ROW_KEYS = new Set(["scenario", "rule", "section", "tag", "behaviour", "text"]);
const CELL_KEYS = new Set(["outcome", "did", "baseline", "is"]);
export const KEYS = [...new Set([...COLUMN_KEYS, ...ROW_KEYS, ...CELL_KEYS])];

// "a*" against "abc"; no other wildcard, so that what is typed is never a program.
export function glob(pattern, text) {
  const parts = pattern.toLowerCase().split("*");
  const lower = text.toLowerCase();
  if (parts.length === 1) return lower === parts[0];
  if (!lower.startsWith(parts[0])) return false;
  let from = parts[0].length;
  for (let i = 1; i + 1 < parts.length; ++i) {
    const found = lower.indexOf(parts[i], from);
    if (found < 0) return false;
    from = found + parts[i].length;
  }
  const last = parts[parts.length - 1];
  return lower.length - from >= last.length && lower.endsWith(last);
}

export function parse(query) {
  const terms = [], unknown = [];
  for (const word of query.trim().split(/\s+/).filter(Boolean)) {
    const not = word.startsWith("-") && word.length > 1;
    const body = not ? word.slice(1) : word;
    const colon = body.indexOf(":");
    if (body === "changed" || body === "faults") {
      terms.push({ key: "is", value: body, not });
    } else if (colon > 0 && KEYS.includes(body.slice(0, colon))) {
      if (colon + 1 < body.length) terms.push({ key: body.slice(0, colon), value: body.slice(colon + 1), not });
    } else {
      if (colon > 0 && /^[a-z]+$/.test(body.slice(0, colon))) unknown.push(body.slice(0, colon));
      terms.push({ key: "text", value: body.toLowerCase(), not });
    }
  }
  return { terms, unknown };
}

function shows(item, value) {
  return [...(item.behaviours || [])].some((slug) => glob(value, slug));
}

function column_has(column, key, value) {
  if (key === "client") return glob(value, column.client) || glob(value, column.id);
  if (key === "mode") return glob(value, column.mode);
  if (key === "behaviour") return shows(column, value);
  return glob(value, column.policy);
}

function row_has(row, key, value) {
  if (key === "scenario") return glob(value, row.id);
  if (key === "behaviour") return shows(row, value);
  if (key === "tag") return (row.tags || []).some((t) => glob(value, t));
  if (key === "rule") return (row.rules || []).some((r) => glob(value, r));
  if (key === "section") return row.sections.some((s) => glob(value, s.replace(/ /g, "")) || glob(value, s));
  return row.text.includes(value);
}

// Which cell codes a term allows: three small tables in place of a comparison of words a cell.
function cell_table(terms) {
  const outcome = new Uint8Array(OUTCOMES.length).fill(1), decision = new Uint8Array(DECISIONS.length).fill(1);
  const baseline = new Uint8Array(BASELINES.length).fill(1);
  const narrow = (table, words, test) => words.forEach((w, i) => { if (!test(w)) table[i] = 0; });
  for (const [key, not] of [["outcome", false], ["outcome", true], ["did", false], ["did", true], ["baseline", false], ["baseline", true]]) {
    const values = terms.filter((t) => t.key === key && t.not === not).map((t) => t.value);
    if (!values.length) continue;
    const [table, words] = key === "outcome" ? [outcome, OUTCOMES] : key === "did" ? [decision, DECISIONS] : [baseline, BASELINES];
    narrow(table, words, (w) => values.some((v) => glob(v, w)) !== not);
  }
  for (const t of terms.filter((t) => t.key === "is")) {
    if (t.value === "changed") narrow(baseline, BASELINES, (w) => (w === "news" || w === "fixed") !== t.not);
    if (t.value === "faults") narrow(outcome, OUTCOMES, (w) => FAULTS.has(w) !== t.not);
  }
  return { outcome, decision, baseline };
}

function chosen(items, has, terms, keys) {
  const out = [];
  for (const item of items) {
    let good = true;
    for (const key of keys) {
      const wanted = terms.filter((t) => t.key === key && !t.not), unwanted = terms.filter((t) => t.key === key && t.not);
      // Words of free text must all be there; values of a key are alternatives.
      if (wanted.length && !(key === "text" ? wanted.every((t) => has(item, key, t.value)) : wanted.some((t) => has(item, key, t.value)))) good = false;
      if (unwanted.some((t) => has(item, key, t.value))) good = false;
    }
    if (good) out.push(item.index);
  }
  return out;
}

// Rows and columns that are left, which cells of them are meant, and how many there are by outcome.
export function apply(model, query) {
  const { terms, unknown } = parse(query);
  const columns = chosen(model.columns, column_has, terms, COLUMN_KEYS);
  const candidates = chosen(model.scenarios, row_has, terms, ROW_KEYS);
  const by_cell = terms.some((t) => CELL_KEYS.has(t.key));
  const table = cell_table(terms);
  const counts = new Uint32Array(OUTCOMES.length);
  const hit = by_cell ? new Uint8Array(model.outcome.length) : null;
  const rows = [], used = new Uint8Array(model.width);
  let cells = 0;
  for (const s of candidates) {
    let some = false;
    for (const c of columns) {
      const at = s * model.width + c, o = model.outcome[at];
      if (by_cell) {
        if (!table.outcome[o] || !table.decision[model.decision[at]] || !table.baseline[model.baseline[at]]) continue;
        hit[at] = 1;
      }
      some = true;
      used[c] = 1;
      ++counts[o];
      ++cells;
    }
    if (some || !by_cell) rows.push(s);
  }
  return { rows, columns: by_cell ? columns.filter((c) => used[c]) : columns, hit, counts, cells, terms, unknown };
}
