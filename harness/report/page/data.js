// The report's data as it lies in the page, made quick to ask: one octet a cell.

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

// Words for people who have not read the design.
export const MEANING = {
  pass: "as its policy asks", lax: "accepts a wrong identity", strict: "refuses a right identity",
  downgrade: "sends in clear what had to be protected", either: "the standards leave it open", unsupported: "could not be tried",
  hang: "did not end", crash: "crashed", "harness-error": "could not be judged", "not-run": "nothing says what ought to happen",
};

export function section_of(rule) {
  // "rfc9525-6.3-wildcard-one-label" -> "RFC 9525 6.3"; rules without a section are their own.
  const found = /^rfc(\d+)-([0-9.]+)/.exec(rule);
  return found ? `RFC ${found[1]} ${found[2]}` : rule;
}

export function citation_link(ref) {
  const found = /^RFC (\d+)(?: ([0-9.]+))?/.exec(ref);
  if (!found) return null;
  return `https://www.rfc-editor.org/rfc/rfc${found[1]}.html` + (found[2] ? `#section-${found[2].replace(/\.$/, "")}` : "");
}

// "takes a common name" as one word of the filter.
export function slug_of(phrase) {
  return phrase.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

export class Model {
  constructor(raw) {
    this.run = raw.run;
    this.columns = raw.columns.map((c, i) => ({ ...c, index: i, id: `${c.client}:${c.mode}` }));
    this.scenarios = raw.scenarios.map((s, i) => ({
      ...s, index: i, sections: [...new Set((s.rules || []).map(section_of))],
      text: `${s.id} ${s.title} ${(s.presented || []).join(" ")}`.toLowerCase(),
    }));
    this.width = this.columns.length;
    const size = this.width * this.scenarios.length;
    this.outcome = new Uint8Array(size).fill(OUTCOMES.length - 1);
    this.decision = new Uint8Array(size).fill(DECISIONS.length - 1);
    this.baseline = new Uint8Array(size);
    raw.rows.forEach((row, s) => {
      for (let c = 0; c < this.width; ++c) {
        const at = s * this.width + c;
        const o = row.outcomes.charCodeAt(c) - 97;
        if (o >= 0 && o < OUTCOMES.length) this.outcome[at] = o;
        const d = row.decisions.charCodeAt(c) - 97;
        if (d >= 0 && d < DECISIONS.length) this.decision[at] = d;
        const b = row.baselines.charCodeAt(c) - 97;
        if (b >= 0 && b < BASELINES.length) this.baseline[at] = b;
      }
    });
    this.details = raw.details || {};
    this.detail_files = raw.detail_files || null;
    this.behaviours = (raw.behaviours || []).map((b) => ({ ...b, slug: slug_of(b.phrase) }));
    for (const b of this.behaviours) {
      for (const s of b.rows) (this.scenarios[s].behaviours ??= new Set()).add(b.slug);
      for (const c of b.columns) (this.columns[c].behaviours ??= new Set()).add(b.slug);
    }
    this.fingerprints = raw.fingerprints || [];
  }
  at(s, c) { return s * this.width + c; }
  outcome_of(s, c) { return OUTCOMES[this.outcome[this.at(s, c)]]; }
  decision_of(s, c) { return DECISIONS[this.decision[this.at(s, c)]]; }
  baseline_of(s, c) { return BASELINES[this.baseline[this.at(s, c)]]; }
  // Counts of a column over chosen rows, by outcome.
  counts(column, rows) {
    const out = new Uint32Array(OUTCOMES.length);
    for (const s of rows) ++out[this.outcome[this.at(s, column)]];
    return out;
  }
}
