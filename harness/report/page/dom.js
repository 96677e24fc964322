// Elements from words; texts are always set as text, so nothing that a server or a client said becomes markup.
export function element(tag, attributes = {}, ...children) {
  const out = tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) out.addEventListener(name.slice(2), value);
    else out.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    out.append(typeof child === "string" || typeof child === "number" ? document.createTextNode(visible(String(child))) : child);
  }
  return out;
}

// Control octets and marks that turn the direction of writing are shown, not obeyed.
export function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, (c) =>
    `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

export function copy_button(text, label) {
  const button = element("button", { type: "button", class: "copy", "aria-label": `Copy ${label}` }, "copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      // file:// pages may not have the clipboard: select it instead, and the reader copies by hand.
      const code = button.parentElement.querySelector("code, pre");
      if (code) getSelection().selectAllChildren(code);
      button.textContent = "selected";
    }
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });
  return button;
}
