// What only the drawer shows: in the page a line of text each, read as JSON when it is asked for; beside it files of
// scripts, because a page from a disk may run a script from its folder and may not read a file.

export class Details {
  constructor(model) {
    this.model = model;
    this.parts = new Map();   // number of a part to a Map of keys to JSON text, of those in the page
    this.beside = new Map();  // number of a part to the promise of its file
    this.read = new Map();    // what a file brought, by key
    window.mxident_line = (key, value) => this.read.set(key, value);
  }
  async of(s, c) {
    return { about: (await this.line(`${s}`, s)) || {}, cell: (await this.line(`${s}:${c}`, s)) || {} };
  }
  async line(key, s) {
    const part = Math.floor(s / this.model.parts.rows);
    const here = (await this.in_page(part)).get(key);
    if (here !== undefined) return JSON.parse(here);
    if (!this.read.has(key) && this.model.parts.folder) await this.load(part);
    return this.read.get(key);
  }
  async in_page(part) {
    if (!this.parts.has(part)) {
      // The lines stand behind the script: who clicks before the page has come whole waits for them.
      if (document.readyState === "loading") await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
      const lines = new Map();
      for (const line of (document.getElementById(`part-${part}`)?.textContent || "").split("\n")) {
        const blank = line.indexOf(" ");
        if (blank > 0) lines.set(line.slice(0, blank), line.slice(blank + 1));
      }
      this.parts.set(part, lines);
    }
    return this.parts.get(part);
  }
  load(part) {
    if (!this.beside.has(part)) {
      this.beside.set(part, new Promise((done) => {
        const script = document.createElement("script");
        script.src = `${encodeURIComponent(this.model.parts.folder)}/${part}.js`;
        script.onload = script.onerror = () => { script.remove(); done(); };
        document.head.append(script);
      }));
    }
    return this.beside.get(part);
  }
}
