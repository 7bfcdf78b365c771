/** An answer's plain text as paragraphs and lists, its lines kept, its telephone numbers tappable. */

import { h } from "./dom.js";

const PHONE = /0\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])|#\d{4}(?!\d)|(?:119|110|189)(?=番|へ|に|$|[\s、。）（)])/g; // a short one may be any figure
const LONG_PHONE = /^0/;

/** @param {string} line @returns {(Node|string)[]} */
function linked(line) {
  const parts = [];
  let from = 0;
  for (const hit of line.matchAll(PHONE)) {
    const number = hit[0];
    parts.push(line.slice(from, hit.index));
    parts.push(LONG_PHONE.test(number) ? h("a", { href: `tel:${number.replaceAll("-", "")}` }, number) : h("strong", {}, number));
    from = (hit.index ?? 0) + number.length;
  }
  parts.push(line.slice(from));
  return parts;
}

/** @param {string} text @param {boolean} easy @returns {HTMLElement} */
export function passage(text, easy = false) {
  const box = h("div", { class: easy ? "passage is-easy" : "passage" });
  let list = null;
  for (const line of text.split("\n")) {
    const item = /^[・•-]\s*(.+)$/.exec(line.trim());
    if (item) {
      if (!list) box.append((list = h("ul")));
      list.append(h("li", {}, ...linked(item[1])));
    } else {
      list = null;
      if (line.trim()) box.append(h("p", {}, ...linked(line.trim())));
    }
  }
  return box;
}
