/** The counter to turn to, with a telephone number to tap. */

import { h, icon } from "./dom.js";

/**
 * @typedef {{department: string, phone: string, location: string, hours: string, open_now: boolean,
 *            next_open: string | null, next_open_text: string | null}} Contact
 */

/** @param {string} name @param {string} what @param {...(Node|string)} children */
function fact(name, what, ...children) {
  return h("div", {}, h("dt", {}, icon(name), h("span", { class: "unseen" }, what)), h("dd", {}, ...children));
}

/** @param {Contact} contact @returns {HTMLElement} */
export function contactCard(contact) {
  const open = contact.open_now
    ? h("span", { class: "chip" }, "ただいま受付中")
    : h("span", { class: "chip yuzu" }, "ただいま時間外");
  return h("section", { class: "contact", "aria-label": `担当の窓口 ${contact.department}` },
    h("div", { class: "contact-head" }, h("h3", {}, contact.department), open),
    h("dl", {},
      contact.location ? fact("place", "場所", contact.location) : null,
      contact.hours ? fact("clock", "受付時間", contact.hours) : null,
      !contact.open_now && contact.next_open_text ? fact("next", "次に開く日時", "次に開くのは ", h("strong", {}, contact.next_open_text), "です。") : null),
    contact.phone
      ? h("a", { class: contact.open_now ? "button main" : "button", href: `tel:${contact.phone.replaceAll("-", "")}` },
        icon("phone"), h("span", {}, h("span", { class: "unseen" }, "電話 "), contact.phone))
      : null);
}
