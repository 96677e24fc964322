// The matrix. Only what is in sight is in the document: 250 modes x 750 scenarios are 187,500 cells, and a table of them
// takes seconds to lay out. The grid says its true size to a screen reader by aria-rowcount and aria-rowindex. Rows that
// stay in sight while one scrolls are kept as they are, and a filter fills the rows that are there anew: to make and to lay
// out a thousand elements takes a browser several times as long.
import { DID, RIGHT, MEANING, DID_WORDS, IS_FAULT } from "./data.js";
import { element, visible } from "./dom.js";

const BLANK = element("span", { role: "gridcell" });
const ROW = 22, CELL = 30, HEAD = 185;
const NARROW = 700;  // of the window: half of it is for the names then

export class Grid {
  constructor(place, model, open) {
    this.model = model;
    this.open = open;
    this.lines = [];  // {title} for a group, {s} for a scenario
    this.columns = [];
    this.focus = { line: 0, column: 0 };
    this.drawn = new Map();  // line to its element
    this.canvas = element("div", { class: "canvas", role: "presentation" });
    this.head = element("div", { class: "head", role: "row", "aria-rowindex": 1 });
    this.body = element("div", { class: "rows", role: "presentation" });
    this.box = element("div", { class: "grid", role: "grid", tabindex: "0", "aria-label": "Scenarios by client mode" },
      this.canvas);
    this.canvas.append(this.head, this.body);
    this.box.addEventListener("scroll", () => this.later(), { passive: true });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("click", (event) => this.click(event));
    this.box.addEventListener("mouseover", (event) => {
      const cell = event.target.closest(".cell");
      if (cell) cell.title = cell.ariaLabel;
    });
    addEventListener("resize", () => { this.measure(); this.later(); });
    place.append(this.box);
    this.measure();
  }
  // How wide the names of the rows are.
  measure() {
    this.name = innerWidth < NARROW ? Math.round(innerWidth / 2) : 330;
    this.box.style.setProperty("--name", `${this.name}px`);
    if (this.columns.length) this.canvas.style.width = `${this.width()}px`;
  }
  width() {
    return this.name + this.columns.length * CELL + HEAD / 2;
  }
  show(groups, columns, hit) {
    this.columns = columns;
    this.column_words = columns.map((c) => visible(this.model.columns[c].id));
    this.hit = hit;
    this.lines = [];
    for (const group of groups) {
      if (group.title) this.lines.push({ title: group.title, note: group.note || "" });
      for (const s of group.rows) this.lines.push({ s, only: group.columns });
    }
    this.scenarios = groups.reduce((sum, g) => sum + g.rows.length, 0);
    this.focus.column = clamp(this.focus.column, columns.length);
    this.focus.line = this.cell_line(clamp(this.focus.line, this.lines.length), 1);
    const width = this.width(), height = HEAD + this.lines.length * ROW;
    // Asked before anything is changed: behind a change the browser lays the page out to answer.
    const range = this.range(width, height);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.box.setAttribute("aria-rowcount", String(this.lines.length + 1));
    this.box.setAttribute("aria-colcount", String(columns.length + 1));
    const spare = [...this.drawn].sort((a, b) => a[0] - b[0]).map(([, row]) => row).filter((row) => row.cells && row.from === range.from);
    this.drawn.clear();
    this.draw(range, spare);
  }
  later() {
    this.waiting ||= requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
  }
  // With the size that the canvas is going to have, or has.
  range(canvas_width = Infinity, canvas_height = Infinity) {
    const height = this.box.clientHeight || 800, width = this.box.clientWidth || 1200;
    const top = Math.max(0, Math.min(this.box.scrollTop, canvas_height - height)), left = Math.max(0, Math.min(this.box.scrollLeft, canvas_width - width));
    return {
      first: Math.max(0, Math.floor(top / ROW) - 6), last: Math.min(this.lines.length, Math.ceil((top + height - HEAD) / ROW) + 6),
      // In steps of eight columns, so that most movements to the side keep their rows.
      from: Math.max(0, Math.floor(left / CELL / 8) * 8 - 8), to: Math.min(this.columns.length, Math.ceil((left + width - this.name) / CELL / 8) * 8 + 8),
    };
  }
  // `spare`: rows in the document, in their order, that may be filled anew.
  draw({ first, last, from, to } = this.range(), spare = []) {
    this.draw_head(from, to);
    const spread = `${from}-${to}`;
    if (spread !== this.spread) this.drawn.clear();
    this.spread = spread;
    const kept = new Map();
    for (let line = first; line < last; ++line) kept.set(line, this.drawn.get(line) || this.line(line, from, to, spare));
    const wanted = new Set(kept.values());
    for (const row of [...this.body.children]) if (!wanted.has(row)) row.remove();
    // In their order, because a screen reader reads the document and not the picture.
    let before = this.body.firstChild;
    for (const row of wanted) {
      if (row === before) before = before.nextSibling;
      else this.body.insertBefore(row, before);
    }
    this.drawn = kept;
    this.mark();
  }
  draw_head(from, to) {
    const columns = this.columns.slice(from, to), shown = `${from} ${columns.join(" ")}`, rows = `${this.scenarios.toLocaleString("en")} rows`;
    if (shown !== this.head_shown) {
      this.head_shown = shown;
      this.corner = element("span", { class: "corner", role: "columnheader", "aria-colindex": 1 });
      this.head.replaceChildren(this.corner, ...columns.map((c, i) => this.column_head(c, from + i)));
    }
    if (this.corner.textContent !== rows) this.corner.textContent = rows;
  }
  column_head(c, i) {
    const column = this.model.columns[c];
    const first = i === 0 || this.model.columns[this.columns[i - 1]].client !== column.client;
    return element("span", {
      class: `column${first ? " first" : ""}`, role: "columnheader", style: `left:${i * CELL}px`, "aria-colindex": i + 2,
      title: `${column.title || column.client} ${column.version}\n${column.modeTitle || column.mode}\nclaims ${column.policy}`,
    }, element("span", {}, column.id));
  }
  line(line, from, to, spare) {
    const it = this.lines[line], top = `${HEAD + line * ROW}px`;
    if (it.s === undefined) {
      return element("div", { class: "group", role: "row", style: `top:${top}`, "aria-rowindex": line + 2 },
        element("span", { role: "rowheader", "aria-colindex": 1 }, it.title, " ", element("small", {}, it.note)));
    }
    const row = spare.shift() || this.empty_row(from);
    const scenario = this.model.scenarios[it.s], words = visible(scenario.id);
    row.style.top = top;
    row.ariaRowIndex = line + 2;
    row.dataset.line = line;
    row.name.title = visible(scenario.title);
    row.name.textContent = words;
    while (row.cells.length > to - from) row.cells.pop().remove();
    while (row.cells.length < to - from) row.append(this.empty_cell(row, from + row.cells.length));
    row.cells.forEach((cell, i) => this.fill(cell, it, this.columns[from + i], from + i, words));
    return row;
  }
  empty_row(from) {
    const name = element("span", { class: "name", role: "rowheader", "aria-colindex": 1 });
    return Object.assign(element("div", { class: "row", role: "row" }, name), { name, from, cells: [] });
  }
  empty_cell(row, i) {
    const cell = BLANK.cloneNode();
    cell.style.left = `${i * CELL}px`;
    cell.dataset.i = i;
    cell.ariaColIndex = i + 2;
    row.cells.push(cell);
    return cell;
  }
  // Thousands at once: no more work for one than it needs. Its words are shown when the mouse comes.
  fill(cell, it, c, i, row_words) {
    const { s } = it, at = this.model.at(s, c);
    const outcome = this.model.outcome_of(s, c), did = this.model.decision_of(s, c), baseline = this.model.baseline_of(s, c);
    const dim = (this.hit && !this.hit[at]) || (it.only && !it.only.has(c));
    const changed = baseline === "news" || baseline === "fixed";
    const looks = `cell ${outcome}${dim ? " dim" : ""}${changed ? " changed" : ""}`, sign = outcome === "not-run" ? "" : DID[did] + RIGHT[outcome];
    if (cell.looks !== looks) cell.className = cell.looks = looks;
    if (cell.sign !== sign) cell.textContent = cell.sign = sign;
    cell.ariaLabel = `${this.column_words[i]}, ${row_words}: ${DID_WORDS[did]}, ${MEANING[outcome]}${changed ? `, ${baseline}` : ""}`;
  }
  // The cell with the focus is named, not focused: the grid keeps the keys.
  mark() {
    const before = this.body.querySelector("#focused-cell");
    if (before) before.removeAttribute("id");
    const now = this.drawn.get(this.focus.line)?.querySelector(`[data-i="${this.focus.column}"]`);
    if (!now) {
      this.box.removeAttribute("aria-activedescendant");
      return;
    }
    now.id = "focused-cell";
    this.box.setAttribute("aria-activedescendant", "focused-cell");
  }
  click(event) {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    this.focus = { line: Number(cell.parentElement.dataset.line), column: Number(cell.dataset.i) };
    this.mark();
    this.open(this.lines[this.focus.line].s, this.columns[this.focus.column]);
  }
  // The nearest line with cells, first in the direction of the step: titles of groups have none.
  cell_line(line, step) {
    for (const direction of [step, -step]) {
      for (let at = line; at >= 0 && at < this.lines.length; at += direction) if (this.lines[at].s !== undefined) return at;
    }
    return line;
  }
  key(event) {
    if (event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((this.box.clientHeight - HEAD) / ROW) - 1), all = this.lines.length;
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [page, 0], PageUp: [-page, 0] }[event.key];
    if (step) {
      this.focus.column = clamp(this.focus.column + step[1], this.columns.length);
      if (step[0]) this.focus.line = this.cell_line(clamp(this.focus.line + step[0], all), Math.sign(step[0]));
    } else if (event.key === "Home" || event.key === "End") {
      this.focus.column = event.key === "Home" ? 0 : Math.max(0, this.columns.length - 1);
      if (event.ctrlKey) this.focus.line = event.key === "Home" ? this.cell_line(0, 1) : this.cell_line(all - 1, -1);
    } else if (event.key === "n" || event.key === "p") {
      this.next_fault(event.key === "n" ? 1 : -1);
    } else if (event.key === "Enter" || event.key === " ") {
      const it = this.lines[this.focus.line];
      if (it && it.s !== undefined && this.columns.length) this.open(it.s, this.columns[this.focus.column]);
    } else {
      return;
    }
    event.preventDefault();
    this.reveal();
    this.draw();
  }
  next_fault(step) {
    const width = this.columns.length;
    for (let at = this.focus.line * width + this.focus.column + step; at >= 0 && at < this.lines.length * width; at += step) {
      const it = this.lines[Math.floor(at / width)];
      if (it.s === undefined) continue;
      const cell = this.model.at(it.s, this.columns[at % width]);
      if (!IS_FAULT[this.model.outcome[cell]] || (this.hit && !this.hit[cell]) || (it.only && !it.only.has(this.columns[at % width]))) continue;
      this.focus = { line: Math.floor(at / width), column: at % width };
      return;
    }
  }
  reveal() {
    const top = this.focus.line * ROW, left = this.focus.column * CELL, { box } = this;
    if (top < box.scrollTop) box.scrollTop = top;
    if (top + ROW > box.scrollTop + box.clientHeight - HEAD) box.scrollTop = top + ROW - box.clientHeight + HEAD;
    if (left < box.scrollLeft) box.scrollLeft = left;
    if (left + CELL > box.scrollLeft + box.clientWidth - this.name) box.scrollLeft = left + CELL - box.clientWidth + this.name;
  }
  go_to(s, c) {
    const column = this.columns.indexOf(c);
    const here = this.lines[this.focus.line];
    const line = here && here.s === s ? this.focus.line : this.lines.findIndex((l) => l.s === s && (!l.only || l.only.has(c)));
    if (line < 0 || column < 0) return;
    this.focus = { line, column };
    this.reveal();
    this.draw();
  }
}

function clamp(value, size) {
  return Math.max(0, Math.min(size - 1, value));
}
