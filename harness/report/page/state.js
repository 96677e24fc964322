// All that a reader chose stands in the address behind "#": a link shows the same to somebody else.
const DEFAULTS = { q: "", group: "section", cell: "", view: "matrix", open: "" };
const ALLOWED = { group: ["section", "risk", "client", "none"], view: ["matrix", "behaviours", "clients", "names"] };

export function read_state(hash) {
  const out = { ...DEFAULTS };
  for (const [key, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!(key in DEFAULTS)) continue;
    if (ALLOWED[key] && !ALLOWED[key].includes(value)) continue;
    out[key] = value;
  }
  return out;
}

export function write_state(state) {
  const out = new URLSearchParams();
  for (const key of Object.keys(DEFAULTS)) if (state[key] !== DEFAULTS[key]) out.set(key, state[key]);
  const text = out.toString();
  return text ? `#${text}` : "#";
}
