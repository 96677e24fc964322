// All that is known of one cell, in the order of the questions that people ask: what happened, is that right, why, show me.
import { MEANING, citation_link } from "./data.js";
import { copy_button, element } from "./dom.js";
import { sequence } from "./sequence.js";

const LAYERS = ["connect", "smtp", "starttls", "handshake", "chain", "name", "policy", "delivery"];
const LIGHT = { ok: "●", failed: "✗", "not-checked": "○", "not-reached": "·", unknown: "?" };

export class Drawer {
  constructor(place, model, closed) {
    this.model = model;
    this.closed = closed;
    this.box = element("aside", { class: "drawer", "aria-label": "One cell", tabindex: "-1", hidden: true });
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    place.append(this.box);
  }
  close() {
    if (this.box.hidden) return;
    this.box.hidden = true;
    this.closed();
  }
  async open(s, c) {
    const detail = await this.detail(s, c);
    const scenario = this.model.scenarios[s], column = this.model.columns[c];
    const outcome = this.model.outcome_of(s, c), did = this.model.decision_of(s, c), baseline = this.model.baseline_of(s, c);
    const close = element("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.close() }, "×");
    this.box.replaceChildren(close,
      element("h2", {}, element("span", { class: `badge ${outcome}` }, outcome), ` ${column.id}`),
      element("p", { class: "scenario" }, element("code", {}, scenario.id), " ", scenario.title),
      element("p", { class: "sentence" }, detail.sentence || `${column.client} ${column.mode}: ${MEANING[outcome]}.`),
      this.table([
        ["Expected", `${detail.expected || "?"} under ${column.policy}${detail.expected_reason ? ` (${detail.expected_reason})` : ""}`],
        ["Observed", did + (detail.note ? `: ${detail.note}` : "")],
        ["Baseline", baseline === "none" ? null : baseline + (detail.baseline_reason ? `: ${detail.baseline_reason}` : "")],
        ["Upstream", detail.upstream ? element("a", { href: safe_link(detail.upstream) }, detail.upstream) : null],
        ["TLS", detail.sni === undefined ? null : `SNI ${detail.sni === null ? "(no ClientHello)" : detail.sni || "none"}${detail.alert ? `, alert from the client: ${detail.alert}` : ""}`],
        ["It said", detail.said || null],
        ["Claim", detail.contradiction || null],
      ]),
      this.layers(detail.layers),
      this.names(scenario, detail),
      this.sources(scenario),
      detail.events && detail.events.length ? element("section", {}, element("h3", {}, "On the wire"), sequence(detail.events)) : null,
      detail.certificate ? element("section", {}, element("h3", {}, "Certificate"), copy_button(detail.certificate.pem || "", "the certificate"),
        element("pre", {}, (detail.certificate.names || []).join("\n")), detail.certificate.pem ? element("details", {}, element("summary", {}, "PEM"), element("pre", {}, detail.certificate.pem)) : null) : null,
      detail.words ? element("section", {}, element("h3", {}, "What the client printed"), element("pre", {}, detail.words)) : null,
      element("section", {}, element("h3", {}, "Again"), copy_button(detail.reproduce || "", "the command"),
        element("pre", { class: "command" }, detail.reproduce || `mxident run '${scenario.id}' --client ${column.id}`)));
    this.box.hidden = false;
    this.box.focus({ preventScroll: true });
  }
  // Cells that are as expected lie in files of their own where there are very many (a script tag: file:// pages may not fetch).
  async detail(s, c) {
    const key = `${s}:${c}`;
    if (this.model.details[key]) return this.model.details[key];
    const files = this.model.detail_files;
    if (!files) return {};
    const file = `${files.folder}/${Math.floor(s / files.rows)}.js`;
    await new Promise((done) => {
      const script = element("script", { src: file });
      script.onload = script.onerror = done;
      document.head.append(script);
    });
    return this.model.details[key] || { note: `details are in ${file}, which is not beside this page` };
  }
  table(rows) {
    return element("dl", {}, rows.filter((r) => r[1]).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  }
  layers(layers) {
    if (!layers) return null;
    return element("ol", { class: "layers", "aria-label": "Layers" }, LAYERS.map((name) => {
      const state = layers[name] || "unknown";
      return element("li", { class: state, title: `${name}: ${state}` }, element("b", { "aria-hidden": "true" }, LIGHT[state] || "?"), element("span", {}, name), element("small", {}, state));
    }));
  }
  names(scenario, detail) {
    const said = detail.server_said || scenario.claimed || [];
    const column = (title, note, items) => element("div", {}, element("h4", {}, title), element("ul", {}, (items.length ? items : ["none"]).map((n) => element("li", {}, n))), element("p", { class: "note" }, note));
    const attempts = (detail.attempts || []).map((a) => element("li", {}, element("code", {}, `${a.presented} ≟ ${a.reference}`), ` ${a.reason}`));
    return element("section", {}, element("h3", {}, "The three names"), element("div", { class: "three" },
      column("The client looks for", "has to be proved", scenario.hosts && scenario.hosts.length ? scenario.hosts : [scenario.domain]),
      column("The certificate says", "one of these has to prove it", scenario.presented || []),
      column("The server says", "does not count: anybody may say this (RFC 3207 4.2)", said)),
      attempts.length ? element("ul", { class: "attempts" }, attempts) : null);
  }
  sources(scenario) {
    const items = (scenario.sources || []).map((ref) => {
      const link = citation_link(ref);
      return element("li", {}, link ? element("a", { href: link, rel: "noreferrer" }, ref) : ref);
    });
    return items.length ? element("section", {}, element("h3", {}, "Sources"), element("ul", {}, items), element("p", { class: "note" }, (scenario.rules || []).join(" "))) : null;
  }
}

function safe_link(text) {
  return /^https:\/\//.test(text) ? text : "#";
}
