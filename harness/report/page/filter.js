// The filter box: `client:postfix outcome:lax rule:rfc9525-6.3* tag:idn changed words`. Several values of one key are
// alternatives, several keys all hold; a leading "-" turns a term round. What a term means is worked out once, as a bit
// for each row, column or cell, and kept: the next letter that is typed asks only for what is new.
import { OUTCOMES, DECISIONS, BASELINES, FAULTS } from "./data.js";

const COLUMN_KEYS = ["client", "mode", "policy"];
const ROW_KEYS = ["scenario", "rule", "section", "tag", "text"];
const CODE_KEYS = ["outcome", "did", "baseline", "is"];
const CELL_KEYS = [...CODE_KEYS, "behaviour"];
export const KEYS = [...COLUMN_KEYS, ...ROW_KEYS, ...CELL_KEYS];
const NOT_RUN = OUTCOMES.indexOf("not-run");
const WORDS = ["changed", "faults", "news"];

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
    const key = body.slice(0, colon), value = body.slice(colon + 1);
    if (WORDS.includes(body)) {
      terms.push({ word, key: "is", value: body, not });
    } else if (colon > 0 && KEYS.includes(key)) {
      if (value) terms.push({ word, key, value, not });
    } else {
      if (colon > 0 && /^[a-z]+$/.test(key)) unknown.push(key);
      terms.push({ word, key: "text", value: body.toLowerCase(), not });
    }
  }
  return { terms, unknown };
}

export class Filter {
  constructor(model) {
    this.model = model;
    this.known = new Map();  // "key:value" to its bits
  }
  bits(key, value) {
    const name = `${key}:${value}`;
    let out = this.known.get(name);
    if (!out) {
      if (this.known.size > 200) this.known.clear();  // somebody types for hours
      out = COLUMN_KEYS.includes(key) ? this.columns(key, value) : key === "behaviour" ? this.behaviour(value) : this.rows(key, value);
      this.known.set(name, out);
    }
    return out;
  }
  columns(key, value) {
    return Uint8Array.from(this.model.columns, (c) => {
      if (key === "client") return glob(value, c.client) || glob(value, c.id);
      return glob(value, key === "mode" ? c.mode : c.policy);
    });
  }
  rows(key, value) {
    const { model } = this, { scenarios } = model;
    if (key === "scenario") return Uint8Array.from(scenarios, (s) => glob(value, s.id));
    if (key === "text") return Uint8Array.from(scenarios, (s) => model.text(s.index).includes(value));
    // Few words stand in many scenarios: each word is compared once.
    const words = key === "tag" ? model.tags : key === "rule" ? model.rules : model.sections;
    const good = Uint8Array.from(words, (w) => glob(value, w) || (key === "section" && glob(value, w.replace(/ /g, ""))));
    return Uint8Array.from(scenarios, (s) => (key === "tag" ? s.tags : s.rules).some((i) => good[i]));
  }
  behaviour(value) {
    const out = new Uint8Array(this.model.outcome.length);
    for (const b of this.model.behaviours) {
      if (!glob(value, b.slug)) continue;
      for (const { column, rows } of b.columns) for (const s of rows) out[this.model.at(s, column)] = 1;
    }
    return out;
  }
  // Values of a key are alternatives, words of free text must all be there; null: the key is not asked for.
  combined(terms, key, size) {
    const wanted = terms.filter((t) => t.key === key && !t.not), unwanted = terms.filter((t) => t.key === key && t.not);
    if (!wanted.length && !unwanted.length) return null;
    const out = new Uint8Array(size).fill(wanted.length && key !== "text" ? 0 : 1);
    for (const t of wanted) {
      const bits = this.bits(key, t.value);
      for (let i = 0; i < size; ++i) out[i] = key === "text" ? out[i] & bits[i] : out[i] | bits[i];
    }
    for (const t of unwanted) {
      const bits = this.bits(key, t.value);
      for (let i = 0; i < size; ++i) out[i] &= 1 - bits[i];
    }
    return out;
  }
  chosen(terms, keys, size) {
    const sets = keys.map((key) => this.combined(terms, key, size)).filter(Boolean);
    const out = [];
    for (let i = 0; i < size; ++i) if (sets.every((bits) => bits[i])) out.push(i);
    return out;
  }
  // Rows and columns that are left, which cells of them are meant (null: all), and how many there are by outcome.
  apply(terms) {
    const { model } = this, { width } = model;
    const columns = this.chosen(terms, COLUMN_KEYS, width), candidates = this.chosen(terms, ROW_KEYS, model.scenarios.length);
    const by_cell = terms.some((t) => CELL_KEYS.includes(t.key));
    const { outcome, decision, baseline } = code_tables(terms);
    const shown = this.combined(terms, "behaviour", model.outcome.length);
    const counts = new Uint32Array(OUTCOMES.length), used = new Uint8Array(width);
    const hit = by_cell ? new Uint8Array(model.outcome.length) : null;
    const rows = [];
    let cells = 0;
    for (const s of candidates) {
      let some = false;
      for (const c of columns) {
        const at = s * width + c, o = model.outcome[at];
        if (by_cell) {
          if (!outcome[o] || !decision[model.decision[at]] || !baseline[model.baseline[at]] || (shown && !shown[at])) continue;
          hit[at] = 1;
        }
        some = true;
        used[c] = 1;
        ++counts[o];
        if (by_cell || o !== NOT_RUN) ++cells;
      }
      if (some || !by_cell) rows.push(s);
    }
    return { rows, columns: by_cell ? columns.filter((c) => used[c]) : columns, hit, counts, cells };
  }
}

// Which codes of a cell the terms allow: three small tables in place of a comparison of words a cell.
function code_tables(terms) {
  const tables = { outcome: new Uint8Array(OUTCOMES.length).fill(1), did: new Uint8Array(DECISIONS.length).fill(1), baseline: new Uint8Array(BASELINES.length).fill(1) };
  const words = { outcome: OUTCOMES, did: DECISIONS, baseline: BASELINES };
  const narrow = (key, test) => words[key].forEach((w, i) => { if (!test(w)) tables[key][i] = 0; });
  for (const key of Object.keys(tables)) {
    for (const not of [false, true]) {
      const values = terms.filter((t) => t.key === key && t.not === not).map((t) => t.value);
      if (values.length) narrow(key, (w) => values.some((v) => glob(v, w)) !== not);
    }
  }
  for (const t of terms.filter((t) => t.key === "is")) {
    if (t.value === "changed") narrow("baseline", (w) => (w === "news" || w === "fixed") !== t.not);
    else if (t.value === "news") narrow("baseline", (w) => (w === "news") !== t.not);
    else narrow("outcome", (w) => FAULTS.has(w) !== t.not);
  }
  return { outcome: tables.outcome, decision: tables.did, baseline: tables.baseline };
}
