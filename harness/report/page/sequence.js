// The wire of a cell as a sequence diagram: client on the left, each server of its world a line on the right.
import { element } from "./dom.js";

const LINE = 21, TOP = 44, WIDTH = 660, CLIENT_X = 46, LAST_X = 600, LETTER = 5.7, MOST_SERVERS = 4;

// [milliseconds, "s" | "c" | "n", connection, host, under TLS, text] as objects, with breaks where another connection speaks.
function lines_of(events) {
  const out = [];
  let connection = 0;
  for (const [time, from, number, host, tls, text] of events) {
    if (number && number !== connection && out.length) out.push({ divider: `connection ${number}` });
    if (number) connection = number;
    out.push({ time, from, host: host || "", tls: tls === 1, text });
  }
  return out;
}

export function as_text(events) {
  return events.map(([time, from, number, host, tls, text]) =>
    `${String(time).padStart(6)} ms ${number ? `${number} ` : ""}${from === "s" ? "S:" : from === "c" ? "C:" : "* "} ${tls ? "[TLS] " : ""}${text}${from === "n" || !host ? "" : `  (${host})`}`).join("\n");
}

function cut(text, room) {
  const most = Math.max(8, Math.floor(room / LETTER));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export function sequence(events, more) {
  const lines = lines_of(events);
  const hosts = [...new Set(lines.filter((l) => l.host && l.from !== "n").map((l) => l.host))];
  const shown = hosts.slice(0, MOST_SERVERS), step = (LAST_X - CLIENT_X) / Math.max(1, shown.length);
  const place = (host) => CLIENT_X + step * (Math.max(0, shown.indexOf(host) < 0 ? shown.length - 1 : shown.indexOf(host)) + 1);
  const height = TOP + lines.length * LINE + (more ? LINE : 0) + 6;
  const svg = element("svg:svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "sequence", role: "img", "aria-label": `${lines.length} events between the client and ${hosts.length || 1} server${hosts.length > 1 ? "s" : ""}; as text below` });
  const shades = element("svg:g", {}), strokes = element("svg:g", {});
  svg.append(shades, strokes,
    element("svg:text", { x: CLIENT_X, y: 16, class: "party" }, "client"),
    element("svg:line", { x1: CLIENT_X, y1: 24, x2: CLIENT_X, y2: height - 4, class: "life" }));
  for (const host of shown.length ? shown : ["server"]) {
    const x = shown.length ? place(host) : LAST_X;
    svg.append(element("svg:text", { x: Math.min(x, WIDTH - 4), y: 16, class: `party${x > LAST_X - 20 ? " last" : ""}` }, element("svg:title", {}, host), cut(host, step)),
      element("svg:line", { x1: x, y1: 24, x2: x, y2: height - 4, class: "life" }));
  }
  let tls_from = null;
  const shade = (to) => {
    shades.append(element("svg:rect", { x: CLIENT_X, y: tls_from, width: LAST_X - CLIENT_X, height: Math.max(0, to - tls_from), class: "tls" }),
      element("svg:text", { x: CLIENT_X - 6, y: tls_from + 12, class: "lock" }, "TLS"));
    tls_from = null;
  };
  lines.forEach((line, i) => {
    const y = TOP + i * LINE;
    if (line.tls && tls_from === null) tls_from = y - 12;
    if (!line.tls && tls_from !== null && !line.divider) shade(y - 12);
    if (line.divider) {
      if (tls_from !== null) shade(y - 12);
      strokes.append(element("svg:line", { x1: 4, y1: y, x2: WIDTH - 4, y2: y, class: "divider" }), element("svg:text", { x: WIDTH - 6, y: y - 3, class: "host" }, line.divider));
      return;
    }
    if (line.from === "n") {
      strokes.append(element("svg:text", { x: (CLIENT_X + LAST_X) / 2, y: y + 3, class: "note" }, element("svg:title", {}, line.text), cut(line.text, LAST_X - CLIENT_X)));
      return;
    }
    const server = line.host ? place(line.host) : LAST_X, to_server = line.from === "c";
    const [from, to] = to_server ? [CLIENT_X, server] : [server, CLIENT_X], tip = to_server ? -7 : 7;
    strokes.append(element("svg:g", { class: to_server ? "to-server" : "to-client" },
      element("svg:title", {}, `${line.time} ms ${line.host} ${line.text}`),
      element("svg:line", { x1: from, y1: y + 5, x2: to, y2: y + 5 }),
      element("svg:path", { d: `M${to},${y + 5} l${tip},-3.5 l0,7 z` }),
      to_server ? element("svg:text", { x: CLIENT_X + 8, y: y + 1, class: "said" }, cut(line.text, LAST_X - CLIENT_X))
        : element("svg:text", { x: server - 8, y: y + 1, class: "said reply" }, cut(line.text, server - CLIENT_X - 12)),
      element("svg:text", { x: WIDTH - 2, y: y + 5, class: "host" }, `${line.time} ms`)));
  });
  if (tls_from !== null) shade(TOP + lines.length * LINE - 8);
  if (more) svg.append(element("svg:text", { x: (CLIENT_X + LAST_X) / 2, y: height - 8, class: "note" }, `and ${more} more`));
  return svg;
}
