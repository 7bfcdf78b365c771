/** Keeps what is being written in a form until it was saved: a session that has run out, or a closed page, loses no text. */

import { h } from "./dom.js";

const KEPT = "draft:"; // and the page that the form is on; in the tab's own storage, gone with the tab and with the logout

/** @typedef {Record<string, string>} Fields */

/** @param {HTMLFormElement} form @returns {Fields} */
function fieldsOf(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}

/** @param {string} page @returns {Fields | null} */
function kept(page) {
  return JSON.parse(sessionStorage.getItem(KEPT + page) ?? "null");
}

/** @param {HTMLFormElement} form @param {Fields} fields */
function fill(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
    else if (field instanceof RadioNodeList) field.value = value;
  }
}

/** @param {string} words @param {HTMLElement} action */
function notice(words, action) {
  document.getElementById("main")?.prepend(h("div", { class: "notice", role: "status" }, h("p", {}, words), action));
}

/** @param {HTMLFormElement} form */
function keep(form) {
  const page = String(form.dataset.draft);
  const served = fieldsOf(form);
  const before = kept(page);
  const refused = location.pathname !== page; // the server's answer has what was typed last
  if (before && !refused && JSON.stringify(before) !== JSON.stringify(served)) {
    fill(form, before);
    const drop = h("button", { class: "button quiet", type: "button", onclick: () => {
      sessionStorage.removeItem(KEPT + page);
      fill(form, served);
      drop.parentElement?.remove();
    } }, "書きかけを捨てる");
    notice("保存していない書きかけの内容を戻しました。", drop);
  }
  form.addEventListener("input", () => sessionStorage.setItem(KEPT + page, JSON.stringify(fieldsOf(form))));
}

function pages() {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT)).map((key) => key.slice(KEPT.length));
}

for (const page of (document.querySelector("[data-saved]")?.getAttribute("data-saved") ?? "").split(" ")) {
  sessionStorage.removeItem(KEPT + page);
}
const form = document.querySelector("form[data-draft]");
if (form instanceof HTMLFormElement) keep(form);
else if (pages().length) notice("保存していない書きかけの内容があります。", h("a", { href: pages()[0] }, "続きを書く"));
