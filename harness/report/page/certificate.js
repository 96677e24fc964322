// A certificate read from its DER for people to look at, odd and broken ones included: what cannot be read is shown as
// octets. Every length is held against the octets that are there, and nothing is nested without end.

const MOST_NAMES = 2000;
const TYPES = ["otherName", "e-mail", "dNSName", "x400Address", "directoryName", "ediPartyName", "URI", "iPAddress", "registeredID"];
const ATTRIBUTES = { "2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "emailAddress" };
const OTHER_NAMES = { "1.3.6.1.5.5.7.8.7": "SRVName", "1.3.6.1.5.5.7.8.9": "SmtpUTF8Mailbox", "1.3.6.1.5.5.7.8.5": "XmppAddr" };

class Unreadable extends Error {}

// One element: its tag, its content and where the next one begins.
function at(octets, from, end) {
  if (from + 2 > end) throw new Unreadable("an element is cut off");
  const tag = octets[from];
  let length = octets[from + 1], start = from + 2;
  if (length >= 0x80) {
    const more = length & 0x7f;
    if (more === 0 || more > 4 || start + more > end) throw new Unreadable("a length cannot be read");
    length = 0;
    for (let i = 0; i < more; ++i) length = length * 256 + octets[start + i];
    start += more;
  }
  if (start + length > end) throw new Unreadable("an element is longer than what holds it");
  return { tag, start, end: start + length, octets };
}

function inside(element) {
  const out = [];
  for (let from = element.start; from < element.end;) {
    const one = at(element.octets, from, element.end);
    out.push(one);
    from = one.end;
    if (out.length > MOST_NAMES) throw new Unreadable(`more than ${MOST_NAMES} elements in one`);
  }
  return out;
}

function content(element) {
  return element.octets.subarray(element.start, element.end);
}

export function hex(octets) {
  return Array.from(octets, (o) => o.toString(16).padStart(2, "0")).join(" ");
}

// Printable ASCII stays; what a reader would not see, or not know from another letter, becomes \xNN.
export function shown(octets) {
  return Array.from(octets, (o) => (o >= 0x20 && o < 0x7f && o !== 0x5c ? String.fromCharCode(o) : o === 0x5c ? "\\\\" : `\\x${o.toString(16).padStart(2, "0")}`)).join("");
}

function oid(octets) {
  const parts = [];
  let value = 0;
  for (const o of octets) {
    value = value * 128 + (o & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) return hex(octets);
    if (o & 0x80) continue;
    if (!parts.length) {
      const first = Math.min(2, Math.floor(value / 40));
      parts.push(first, value - first * 40);
    } else {
      parts.push(value);
    }
    value = 0;
  }
  return parts.join(".");
}

function address(octets) {
  if (octets.length === 4) return [...octets].join(".");
  if (octets.length !== 16) return `${octets.length} octets, which are no address`;
  const words = [];
  for (let i = 0; i < 16; i += 2) words.push((octets[i] * 256 + octets[i + 1]).toString(16));
  return words.join(":");
}

function name_of(element) {
  return inside(element).map((rdn) => inside(rdn).map((pair) => {
    const [type, value] = inside(pair);
    const id = oid(content(type));
    return `${ATTRIBUTES[id] || id}=${shown(content(value))}`;
  }).join(" + ")).join(", ");
}

function time_of(element) {
  const text = shown(content(element));
  const found = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!found) return text;
  const [, year, month, day, hour, minute] = found;
  const whole = year.length === 4 ? year : `${Number(year) < 50 ? 20 : 19}${year}`;
  return `${whole}-${month}-${day} ${hour}:${minute} UTC`;
}

function alternative(element) {
  const octets = content(element), number = element.tag & 0x1f;
  const out = { type: TYPES[number] || `type ${number}`, text: shown(octets), hex: hex(octets) };
  try {
    if (number === 7) out.text = address(octets);
    if (number === 4) out.text = name_of(inside(element)[0]);
    if (number === 8) out.text = oid(octets);
    if (number === 0) {
      const [type, value] = inside(element), id = oid(content(type));
      out.type = OTHER_NAMES[id] || `otherName ${id}`;
      out.text = shown(content(inside(value)[0]));
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;  // shown as octets then
  }
  return out;
}

// {subject, issuer, from, until, san: [{type, text, hex}] or null, note}
export function read_certificate(base64) {
  const out = { subject: "", issuer: "", from: "", until: "", san: null, note: "" };
  try {
    const octets = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const fields = inside(inside(at(octets, 0, octets.length))[0]);
    if (fields[0].tag === 0xa0) fields.shift();
    const [, , issuer, validity, subject] = fields;
    out.issuer = name_of(issuer);
    out.subject = name_of(subject);
    [out.from, out.until] = inside(validity).map(time_of);
    const extensions = fields.find((f) => f.tag === 0xa3);
    for (const extension of extensions ? inside(inside(extensions)[0]) : []) {
      const parts = inside(extension);
      if (oid(content(parts[0])) !== "2.5.29.17") continue;
      const value = parts[parts.length - 1];
      out.san = inside(at(octets, value.start, value.end)).map(alternative);
    }
  } catch (error) {
    out.note = error instanceof Unreadable || error instanceof TypeError ? `cannot be read to its end: ${error instanceof Unreadable ? error.message : "a field is missing"}` : "is no base64";
  }
  return out;
}

export function pem(base64) {
  return `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) || []).join("\n")}\n-----END CERTIFICATE-----\n`;
}
