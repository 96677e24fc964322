// The report's data as it lies in the page, made quick to ask: one octet a cell, words by their place in a list.

export const OUTCOMES = ["pass", "lax", "strict", "downgrade", "either", "unsupported", "hang", "crash", "harness-error", "not-run"];
export const DECISIONS = ["accept", "reject", "plaintext", "none", "nothing"];
export const BASELINES = ["none", "as-known", "news", "fixed"];

// Two signs a cell: what the client did, and whether that is right. Letters and shapes, so that nothing hangs on colour.
export const DID = { accept: "A", reject: "R", plaintext: "C", none: "N", nothing: "·" };
export const RIGHT = {
  pass: "✓", lax: "L", strict: "S", downgrade: "D", either: "=", unsupported: "–", hang: "H", crash: "✗", "harness-error": "!",
  "not-run": " ",
};
export const FAULTS = new Set(["lax", "strict", "downgrade", "hang", "crash", "harness-error"]);
export const IS_FAULT = Uint8Array.from(OUTCOMES, (o) => (FAULTS.has(o) ? 1 : 0));

// Words for people who have not read the design.
export const MEANING = {
  pass: "as its policy asks", lax: "accepts a wrong identity", strict: "refuses a right identity",
  downgrade: "sends in clear what had to be protected", either: "the standards leave it open", unsupported: "could not be tried",
  hang: "did not end", crash: "crashed", "harness-error": "could not be judged", "not-run": "nothing says what ought to happen",
};
export const DID_WORDS = {
  accept: "went on under TLS", reject: "gave up", plaintext: "sent the mail in clear", none: "did not come to that", nothing: "did not run",
};

export function section_of(rule) {
  // "rfc9525-6.3-wildcard-one-label" -> "RFC 9525 6.3"; rules without a section are their own.
  const found = /^rfc(\d+)-([0-9.]+)/.exec(rule);
  return found ? `RFC ${found[1]} ${found[2]}` : rule;
}

// The first RFC and section of a text as an address; null where it names none.
export function citation_link(text) {
  const found = /\bRFC (\d{3,5})(?:,? (?:section )?(\d+(?:\.\d+)*))?/.exec(text);
  if (!found) return null;
  return `https://www.rfc-editor.org/rfc/rfc${found[1]}.html` + (found[2] ? `#section-${found[2]}` : "");
}

// "takes a common name" as one word of the filter.
export function slug_of(phrase) {
  return phrase.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

export function plural(n, word) {
  return `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
}

function codes(text, size, most, otherwise) {
  const out = new Uint8Array(size).fill(otherwise);
  for (let i = 0; i < size && i < text.length; ++i) {
    const code = text.charCodeAt(i) - 97;
    if (code >= 0 && code < most) out[i] = code;
  }
  return out;
}

export class Model {
  constructor(raw) {
    this.run = raw.run;
    this.columns = raw.columns.map((c, i) => ({ ...c, index: i, id: `${c.client}:${c.mode}` }));
    this.width = this.columns.length;
    this.rules = raw.rules || [];
    this.tags = raw.tags || [];
    this.sections = this.rules.map(section_of);  // by rule
    this.scenarios = raw.scenarios.map(([id, title, rules, tags], index) => ({ index, id, title, rules, tags }));
    const size = this.width * this.scenarios.length;
    this.outcome = codes(raw.cells.outcomes, size, OUTCOMES.length, OUTCOMES.length - 1);
    this.decision = codes(raw.cells.decisions, size, DECISIONS.length, DECISIONS.length - 1);
    this.baseline = codes(raw.cells.baselines, size, BASELINES.length, 0);
    this.behaviours = (raw.behaviours || []).map((b) => ({
      phrase: b.phrase, slug: slug_of(b.phrase), columns: b.cells.map(([column, rows]) => ({ column, rows })),
      cells: b.cells.reduce((sum, [, rows]) => sum + rows.length, 0),
    }));
    this.names = raw.names || [];
    this.reasons = raw.reasons || {};
    this.history = (raw.history || []).map((run) => ({ ...run, outcomes: codes(run.outcomes, size, OUTCOMES.length, OUTCOMES.length - 1) }));
    this.parts = raw.parts;
    this.lines = new Map();  // of details, by part: key to JSON text
  }
  at(s, c) { return s * this.width + c; }
  outcome_of(s, c) { return OUTCOMES[this.outcome[this.at(s, c)]]; }
  decision_of(s, c) { return DECISIONS[this.decision[this.at(s, c)]]; }
  baseline_of(s, c) { return BASELINES[this.baseline[this.at(s, c)]]; }
  section(s) {
    const rules = this.scenarios[s].rules;
    return rules.length ? this.sections[rules[0]] : "without a rule";
  }
  // Lower-case words of a scenario, for the filter; made when they are first wanted.
  text(s) {
    this.texts ??= this.scenarios.map((x) => `${x.id} ${x.title}`.toLowerCase());
    return this.texts[s];
  }
  // Counts of a column over chosen rows, by outcome.
  counts(column, rows) {
    const out = new Uint32Array(OUTCOMES.length);
    for (const s of rows) ++out[this.outcome[this.at(s, column)]];
    return out;
  }
}
