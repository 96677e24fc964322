// The matrix. Only what is in sight is in the document: 250 modes x 750 scenarios are 187,500 cells, and a table of them
// takes seconds to lay out. The grid says its true size to a screen reader by aria-rowcount and aria-rowindex.
import { DID, RIGHT, MEANING } from "./data.js";
import { element } from "./dom.js";

const ROW = 22, CELL = 30, HEAD = 190, NAME = 330;

export class Grid {
  constructor(place, model, open) {
    this.model = model;
    this.open = open;
    this.lines = [];  // {title} for a group, {s} for a scenario
    this.columns = [];
    this.focus = { line: 0, column: 0 };
    this.canvas = element("div", { class: "canvas", role: "presentation" });
    this.head = element("div", { class: "head", role: "row" });
    this.body = element("div", { class: "rows", role: "presentation" });
    this.box = element("div", { class: "grid", role: "grid", tabindex: "0", "aria-label": "Scenarios by client mode" },
      this.canvas);
    this.canvas.append(this.head, this.body);
    this.box.addEventListener("scroll", () => this.later(), { passive: true });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("click", (event) => this.click(event));
    addEventListener("resize", () => this.later());
    place.append(this.box);
  }
  show(groups, columns, hit) {
    this.columns = columns;
    this.hit = hit;
    this.lines = [];
    for (const group of groups) {
      if (group.title) this.lines.push({ title: group.title, count: group.rows.length });
      for (const s of group.rows) this.lines.push({ s });
    }
    this.focus.line = Math.min(this.focus.line, Math.max(0, this.lines.length - 1));
    this.focus.column = Math.min(this.focus.column, Math.max(0, columns.length - 1));
    this.canvas.style.width = `${NAME + columns.length * CELL + 40}px`;
    this.canvas.style.height = `${HEAD + this.lines.length * ROW}px`;
    this.box.setAttribute("aria-rowcount", String(this.lines.length + 1));
    this.box.setAttribute("aria-colcount", String(columns.length + 1));
    this.draw();
  }
  later() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
  }
  range() {
    const top = this.box.scrollTop, left = this.box.scrollLeft;
    const first = Math.max(0, Math.floor(top / ROW) - 4), last = Math.min(this.lines.length, Math.ceil((top + this.box.clientHeight) / ROW) + 4);
    const from = Math.max(0, Math.floor(left / CELL) - 2), to = Math.min(this.columns.length, Math.ceil((left + this.box.clientWidth - NAME) / CELL) + 3);
    return this.printing ? { first: 0, last: this.lines.length, from: 0, to: this.columns.length } : { first, last, from, to };
  }
  draw() {
    const { first, last, from, to } = this.range();
    this.head.replaceChildren(element("span", { class: "corner", role: "columnheader" }, `${this.lines.filter((l) => l.s !== undefined).length} scenarios`),
      ...this.columns.slice(from, to).map((c, i) => this.column_head(c, from + i)));
    const rows = [];
    for (let line = first; line < last; ++line) rows.push(this.line(line, from, to));
    this.body.replaceChildren(...rows);
  }
  column_head(c, i) {
    const column = this.model.columns[c];
    const before = i > 0 ? this.model.columns[this.columns[i - 1]].client : null;
    const head = element("span", {
      class: `column${before !== column.client ? " first" : ""}`, role: "columnheader", style: `left:${NAME + i * CELL}px`, "aria-colindex": i + 2,
      title: `${column.title || column.client} ${column.version}\n${column.modeTitle || column.mode}\nclaims ${column.policy}`,
    }, element("span", {}, column.id));
    return head;
  }
  line(line, from, to) {
    const it = this.lines[line], top = `top:${HEAD + line * ROW}px`;
    if (it.s === undefined) {
      return element("div", { class: "group", role: "row", style: top, "aria-rowindex": line + 2 },
        element("span", { role: "rowheader" }, it.title, element("small", {}, ` ${it.count}`)));
    }
    const scenario = this.model.scenarios[it.s];
    const cells = [element("span", { class: "name", role: "rowheader", title: scenario.title }, scenario.id)];
    for (let i = from; i < to; ++i) cells.push(this.cell(it.s, this.columns[i], line, i));
    return element("div", { class: "row", role: "row", style: top, "aria-rowindex": line + 2 }, cells);
  }
  cell(s, c, line, i) {
    const outcome = this.model.outcome_of(s, c), did = this.model.decision_of(s, c), baseline = this.model.baseline_of(s, c);
    const dim = this.hit && !this.hit[this.model.at(s, c)];
    const changed = baseline === "news" || baseline === "fixed";
    const focused = line === this.focus.line && i === this.focus.column;
    const words = `${this.model.columns[c].id}, ${this.model.scenarios[s].id}: ${did}, ${MEANING[outcome]}${changed ? `, ${baseline}` : ""}`;
    const cell = element("span", {
      class: `cell ${outcome}${dim ? " dim" : ""}${changed ? " changed" : ""}${focused ? " focus" : ""}`, role: "gridcell", style: `left:${NAME + i * CELL}px`,
      "data-s": s, "data-c": c, "aria-colindex": i + 2, "aria-label": words, title: words, id: focused ? "focused-cell" : undefined,
    }, outcome === "not-run" ? "" : DID[did] + RIGHT[outcome]);
    if (focused) this.box.setAttribute("aria-activedescendant", "focused-cell");
    return cell;
  }
  click(event) {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    const s = Number(cell.dataset.s), c = Number(cell.dataset.c);
    this.focus = { line: this.lines.findIndex((l) => l.s === s), column: this.columns.indexOf(c) };
    this.draw();
    this.open(s, c);
  }
  key(event) {
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [20, 0], PageUp: [-20, 0] }[event.key];
    if (step) {
      this.focus.column = clamp(this.focus.column + step[1], this.columns.length);
      let line = clamp(this.focus.line + step[0], this.lines.length);
      // Titles of groups have no cells: go on in the same direction.
      while (this.lines[line] && this.lines[line].s === undefined && line + Math.sign(step[0]) >= 0 && line + Math.sign(step[0]) < this.lines.length && step[0]) line += Math.sign(step[0]);
      if (this.lines[line] && this.lines[line].s === undefined) line = Math.min(line + 1, this.lines.length - 1);
      this.focus.line = line;
    } else if (event.key === "Home" || event.key === "End") {
      this.focus.column = event.key === "Home" ? 0 : this.columns.length - 1;
    } else if (event.key === "Enter" || event.key === " ") {
      const it = this.lines[this.focus.line];
      if (it && it.s !== undefined) this.open(it.s, this.columns[this.focus.column]);
    } else {
      return;
    }
    event.preventDefault();
    this.reveal();
    this.draw();
  }
  reveal() {
    const top = this.focus.line * ROW, left = this.focus.column * CELL, box = this.box;
    if (top < box.scrollTop) box.scrollTop = top;
    if (top + ROW > box.scrollTop + box.clientHeight - HEAD) box.scrollTop = top + ROW - box.clientHeight + HEAD;
    if (left < box.scrollLeft) box.scrollLeft = left;
    if (left + CELL > box.scrollLeft + box.clientWidth - NAME) box.scrollLeft = left + CELL - box.clientWidth + NAME;
  }
  go_to(s, c) {
    const line = this.lines.findIndex((l) => l.s === s), column = this.columns.indexOf(c);
    if (line < 0 || column < 0) return;
    this.focus = { line, column };
    this.reveal();
    this.draw();
  }
}

function clamp(value, size) {
  return Math.max(0, Math.min(size - 1, value));
}
