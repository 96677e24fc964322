// All that is known of one cell, in the order of the questions that people ask: what happened, is that right, why, show me.
import { DID, DID_WORDS, MEANING, OUTCOMES, RIGHT, citation_link } from "./data.js";
import { pem, read_certificate } from "./certificate.js";
import { copy_button, element, some } from "./dom.js";
import { as_text, sequence } from "./sequence.js";

const LAYERS = ["connect", "smtp", "starttls", "handshake", "chain", "name", "policy", "delivery"];
const LIGHT = { ok: "●", failed: "✗", "not-checked": "○", "not-reached": "·", unknown: "?" };

export class Drawer {
  constructor(place, model, details, { closed, go }) {
    Object.assign(this, { model, details, closed, go });
    this.box = element("aside", { class: "drawer", "aria-label": "One cell", tabindex: "-1", hidden: true });
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    place.append(this.box);
  }
  close() {
    if (this.box.hidden) return;
    this.hide();
    this.closed();
  }
  hide() {
    this.asked = null;
    this.box.hidden = true;
  }
  async open(s, c) {
    const asked = this.asked = {};
    const { about, cell } = await this.details.of(s, c);
    if (this.asked !== asked) return;  // another cell was asked for meanwhile
    const scenario = this.model.scenarios[s], column = this.model.columns[c], outcome = this.model.outcome_of(s, c);
    // Parts of which the details have nothing are null, which the browser would write out.
    this.box.replaceChildren(...[
      element("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.close() }, "×"),
      element("h2", {}, element("span", { class: `badge ${outcome}` }, `${DID[this.model.decision_of(s, c)]}${RIGHT[outcome]} ${outcome}`), ` ${column.id}`),
      element("p", { class: "scenario" }, element("code", {}, scenario.id), " ", scenario.title),
      element("p", { class: "sentence" }, this.sentence(s, c, about, cell)),
      this.facts(s, c, about, cell), this.layers(cell.layers), this.names(about, cell),
      this.attempts(about), this.wire(cell), this.certificate(about), this.words(cell), this.sources(scenario, about),
      this.again(scenario, column, cell), this.history(s, c)].filter(Boolean));
    this.box.hidden = false;
    this.box.scrollTop = 0;
    this.box.focus({ preventScroll: true });
  }
  sentence(s, c, about, cell) {
    if (cell.sentence) return `${cell.sentence}.`;
    const column = this.model.columns[c], outcome = this.model.outcome_of(s, c);
    return `${column.client} ${column.mode} ${DID_WORDS[this.model.decision_of(s, c)]}: ${MEANING[outcome]}.`;
  }
  facts(s, c, about, cell) {
    const column = this.model.columns[c], did = this.model.decision_of(s, c), baseline = this.model.baseline_of(s, c);
    const reason = (id) => (id ? `${this.model.reasons[id] || id} (${id})` : "");
    const known = cell.known || {};
    const rows = [
      ["Expected", `${cell.expected || "?"} under ${column.policy}${cell.expected === "reject" && about.reason ? `: ${reason(about.reason)}` : ""}`],
      ["Observed", `${did}: ${DID_WORDS[did]}${cell.note ? `; ${cell.note}` : ""}${cell.ms ? `, in ${Math.round(cell.ms)} ms` : ""}`],
      ["Its reason", reason(cell.reason)],
      ["Baseline", baseline === "none" ? "" : baseline + (cell.compared_with ? `, compared with ${cell.compared_with}` : "")],
      ["Known as", known.behaviour], ["Because", known.cause], ["Upstream", known.upstream ? linked(known.upstream) : ""],
      ["TLS", cell.layers ? `SNI ${cell.sni === undefined ? "unknown: no ClientHello came" : cell.sni || "none"}${cell.alert ? `; the client's alert: ${cell.alert}` : ""}` : ""],
      ["It claims", cell.said], ["But", cell.contradiction],
      ["Release", [column.version, column.package, column.tls].filter(Boolean).join(", ")],
    ];
    return element("dl", {}, rows.filter((r) => r[1]).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  }
  layers(layers) {
    if (!layers) return element("p", { class: "note" }, this.model.parts.folder
      ? `The details of this cell are in the folder ${this.model.parts.folder}, which is not beside this page.`
      : "The page keeps the details of faults and of news; --report html-cells:FILE keeps those of every cell.");
    return element("ol", { class: "layers", "aria-label": "Layers" }, LAYERS.map((name) => {
      const state = LIGHT[layers[name]] ? layers[name] : "unknown";
      return element("li", { class: state, title: `${name}: ${state}` }, element("b", { "aria-hidden": "true" }, LIGHT[state]), element("span", {}, name), element("small", {}, state));
    }));
  }
  names(about, cell) {
    const list = (title, note, items) => element("div", {}, element("h4", {}, title),
      element("ul", {}, items.length ? some(items, 12, (n) => element("li", {}, n)) : element("li", {}, "none")), element("p", { class: "note" }, note));
    const looked = [...new Set([...(about.hosts || []), about.domain])].filter(Boolean);
    return element("section", {}, element("h3", {}, "Three names"), element("div", { class: "three" },
      list("Looked for", "mail host and recipient domain: the policy says which of them has to be proved", looked.map((n) => (n === about.domain ? `${n} (recipient domain)` : n))),
      list("In the certificate", "one of these has to prove it", about.presented || []),
      list("Said by the server", "proves nothing: anybody may say it", said_names(cell.events || []))));
  }
  attempts(about) {
    if (!about.attempts) return null;
    return element("section", {}, element("h3", {}, "Each name compared"), element("p", { class: "note" }, "by the built-in verifier under RFC 9525; the client may have compared otherwise"),
      element("table", { class: "attempts" }, element("thead", {}, element("tr", {}, ["presented", "looked for", "comes to"].map((h) => element("th", { scope: "col" }, h)))),
        element("tbody", {}, about.attempts.slice(0, 40).map(([presented, reference, reason]) => element("tr", { class: reason.startsWith("match-") ? "match" : "" },
          element("td", {}, element("code", {}, presented || "–")), element("td", {}, element("code", {}, reference)), element("td", { title: reason }, `${reason.startsWith("match-") ? "✓ " : "✗ "}${this.model.reasons[reason] || reason}`))))));
  }
  wire(cell) {
    if (!cell.events || !cell.events.length) return null;
    const text = as_text(cell.events);
    return element("section", {}, element("h3", {}, "On the wire"), sequence(cell.events, cell.more_events),
      element("details", {}, element("summary", {}, "as text"), copy_button(text, "the dialogue"), element("pre", {}, text)));
  }
  certificate(about) {
    if (!about.certificate) return null;
    const read = read_certificate(about.certificate);
    const names = (read.san || []).slice(0, 60).map((n) => element("tr", {}, element("td", {}, n.type), element("td", {}, element("code", {}, n.text)), element("td", { class: "octets" }, n.hex)));
    return element("section", { class: "certificate" }, element("h3", {}, "Certificate"),
      element("dl", {}, [["Subject", read.subject || "(empty)"], ["Issuer", read.issuer], ["Valid", read.from ? `${read.from} to ${read.until}` : ""], ["Reading", read.note]]
        .filter((r) => r[1]).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
      read.san === null ? element("p", { class: "note" }, "It has no subject alternative names.")
        : element("table", {}, element("thead", {}, element("tr", {}, ["subject alternative name", "reads", "octets"].map((h) => element("th", { scope: "col" }, h)))), element("tbody", {}, names)),
      read.san && read.san.length > 60 ? element("p", { class: "note" }, `and ${read.san.length - 60} more`) : null,
      element("details", {}, element("summary", {}, "PEM"), copy_button(pem(about.certificate), "the certificate"), element("pre", {}, pem(about.certificate))));
  }
  words(cell) {
    return cell.words ? element("section", {}, element("h3", {}, "What the client printed"), copy_button(cell.words, "its output"), element("pre", {}, cell.words)) : null;
  }
  sources(scenario, about) {
    const items = (about.sources || []).map((ref) => element("li", {}, linked(ref)));
    const rules = scenario.rules.map((r) => this.model.rules[r]);
    if (!items.length && !rules.length && !about.twin) return null;
    const twin = this.model.scenarios.findIndex((x) => x.id === about.twin);
    return element("section", {}, element("h3", {}, "Sources"), element("ul", {}, items),
      rules.length ? element("p", { class: "rules" }, rules.map((r) => element("button", { type: "button", class: "chip", onclick: () => this.go({ q: `rule:${r}`, view: "matrix", cell: "" }) }, r))) : null,
      about.twin ? element("p", {}, "The same with the other answer: ", twin < 0 ? about.twin : element("button", { type: "button", class: "link", onclick: () => this.go({ cell: this.model.scenarios[twin].id }) }, about.twin)) : null);
  }
  again(scenario, column, cell) {
    const command = cell.reproduce || `mxident run '${scenario.id}' --client ${column.id}`;
    return element("section", {}, element("h3", {}, "Run it again"), copy_button(command, "the command"), element("pre", { class: "command" }, command));
  }
  history(s, c) {
    const at = this.model.at(s, c), column = this.model.columns[c];
    const runs = [...this.model.history, { file: "this run", versions: { [c]: column.version }, outcomes: this.model.outcome }];
    if (runs.length < 2) return null;
    return element("section", {}, element("h3", {}, "In earlier runs"), element("ol", { class: "history" }, runs.map((run) => {
      const outcome = OUTCOMES[run.outcomes[at]];
      return element("li", {}, element("span", { class: `badge ${outcome}` }, `${RIGHT[outcome]} ${outcome}`), ` ${run.versions[c] || ""} `, element("small", {}, run.file));
    })));
  }
}

// The names by which the server calls itself: in its banner and in its answer to EHLO.
function said_names(events) {
  const out = new Set();
  let expected = "", connection = 0;
  for (const [, from, number, , , text] of events) {
    if (number && number !== connection) {
      connection = number;
      expected = "banner";
    }
    if (from === "c" && /^(EHLO|HELO|LHLO) /i.test(text)) expected = "EHLO";
    if (from !== "s" || !expected) continue;
    const found = /^2[25]0[ -](\S+)/.exec(text);
    if (found) out.add(`${found[1]} (${expected})`);
    expected = "";
  }
  return [...out].slice(0, 6);
}

// A text with its address, if it holds one, or with that of the RFC section that it names.
function linked(text) {
  const found = /https:\/\/[^\s<>"']+[^\s<>"'.,;:)]/.exec(text);
  const address = found ? found[0] : citation_link(text);
  return address ? element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, text) : text;
}
