// Elements from words; texts are always set as text, so nothing that a server or a client said becomes markup.
export function element(tag, attributes = {}, ...children) {
  const out = tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) out.addEventListener(name.slice(2), value);
    else out.setAttribute(name, value === true ? "" : visible(String(value)));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    out.append(typeof child === "string" || typeof child === "number" ? document.createTextNode(visible(String(child))) : child);
  }
  return out;
}

// Control octets, marks that turn the direction of writing and letters without width are shown, not obeyed.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const ALL_HIDDEN = new RegExp(HIDDEN.source, "g");

export function visible(text) {
  if (!HIDDEN.test(text)) return text;
  return text.replace(ALL_HIDDEN, (c) => {
    const code = c.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

export function copy_button(text, label) {
  const button = element("button", { type: "button", class: "copy", "aria-label": `Copy ${label}` }, "copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      // A page from a disk may not have the clipboard: the text is selected, and the reader copies by hand.
      const place = button.parentElement.querySelector("pre");
      if (place) {
        place.closest("details")?.setAttribute("open", "");
        getSelection().selectAllChildren(place);
      }
      button.textContent = "selected";
    }
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });
  return button;
}

// A list that shows its first entries, and how many more there are.
export function some(items, most, make) {
  const out = items.slice(0, most).map(make);
  if (items.length > most) out.push(element("li", { class: "note" }, `and ${(items.length - most).toLocaleString("en")} more`));
  return out;
}
