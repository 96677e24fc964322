// The wire of a cell as a sequence diagram: client on the left, the servers of its world on the right.
import { element } from "./dom.js";

const LINE = 20, PICTURE_WIDTH = 640, CLIENT_X = 90, SERVER_X = 550, MOST_EVENTS = 120;

export function sequence(events) {
  const shown = events.slice(0, MOST_EVENTS), height = 46 + shown.length * LINE + (events.length > MOST_EVENTS ? LINE : 0);
  const svg = element("svg:svg", { viewBox: `0 0 ${PICTURE_WIDTH} ${height}`, class: "sequence", role: "img", "aria-label": `${events.length} events on the wire` },
    element("svg:line", { x1: CLIENT_X, y1: 26, x2: CLIENT_X, y2: height - 8, class: "life" }),
    element("svg:line", { x1: SERVER_X, y1: 26, x2: SERVER_X, y2: height - 8, class: "life" }),
    element("svg:text", { x: CLIENT_X, y: 16, class: "party" }, "client"),
    element("svg:text", { x: SERVER_X, y: 16, class: "party" }, "servers"));
  let under_tls = false, tls_from = 0;
  const shade = (to) => svg.prepend(element("svg:rect", { x: CLIENT_X, y: tls_from, width: SERVER_X - CLIENT_X, height: Math.max(0, to - tls_from), class: "tls" }));
  shown.forEach((event, i) => {
    const y = 40 + i * LINE;
    if (event.tls && !under_tls) { under_tls = true; tls_from = y - LINE / 2; }
    if (!event.tls && under_tls) { under_tls = false; shade(y - LINE / 2); }
    const to_server = event.from === "client", note = event.from === "note";
    const text = event.text.length > 64 ? `${event.text.slice(0, 63)}…` : event.text;
    if (note) {
      svg.append(element("svg:text", { x: (CLIENT_X + SERVER_X) / 2, y: y + 4, class: "note" }, text));
      return;
    }
    const [from, to] = to_server ? [CLIENT_X, SERVER_X] : [SERVER_X, CLIENT_X];
    const tip = to_server ? -7 : 7;
    svg.append(element("svg:g", { class: to_server ? "to-server" : "to-client" },
      element("svg:title", {}, `${event.role || ""} ${event.host || ""} ${event.time !== undefined ? `${event.time} ms ` : ""}${event.text}`),
      element("svg:line", { x1: from, y1: y + 6, x2: to, y2: y + 6 }),
      element("svg:path", { d: `M${to},${y + 6} l${tip},-3 l0,6 z` }),
      element("svg:text", { x: (CLIENT_X + SERVER_X) / 2, y: y + 2 }, text)));
    if (event.host) svg.append(element("svg:text", { x: SERVER_X + 6, y: y + 9, class: "host" }, event.host.slice(0, 14)));
  });
  if (under_tls) shade(40 + shown.length * LINE);
  if (events.length > MOST_EVENTS) svg.append(element("svg:text", { x: (CLIENT_X + SERVER_X) / 2, y: height - 10, class: "note" }, `and ${events.length - MOST_EVENTS} more`));
  return svg;
}
