/** Keeps what is being written in a form until it was saved: a session that has run out, or a closed page, loses no text. */

import { h } from "./dom.js";

const KEPT = "draft:"; // and the page that the form is on; in the tab's own storage, gone with the tab and with the logout

/** @typedef {Record<string, string | string[]>} Fields a list where not one of the boxes of a name is ticked, but none or several */
/** @typedef {{at: number, fields: Fields}} Draft `at` is when it was written last */

/** All but the clerk's name, which is kept for every form. @param {HTMLFormElement} form @returns {Fields} */
function fieldsOf(form) {
  const data = new FormData(form);
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=checkbox]")]);
  const names = new Set([...data.keys(), ...boxes.map((box) => box.name)]);
  names.delete("by");
  return Object.fromEntries([...names].map((name) => {
    const values = data.getAll(name).map(String);
    return [name, values.length === 1 ? values[0] : values];
  }));
}

/** @param {string} page @returns {Draft | null} */
function kept(page) {
  return JSON.parse(sessionStorage.getItem(KEPT + page) ?? "null");
}

/** @param {string} page @param {HTMLFormElement} form */
function put(page, form) {
  sessionStorage.setItem(KEPT + page, JSON.stringify({ at: Date.now(), fields: fieldsOf(form) }));
}

/** @param {HTMLFormElement} form @param {Fields} fields */
function fill(form, fields) {
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || !(field.name in fields)) continue;
    const values = [fields[field.name]].flat();
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
  }
}

/** @param {string} words @param {...HTMLElement} actions */
function notice(words, ...actions) {
  document.getElementById("main")?.prepend(h("div", { class: "notice", role: "status" }, h("p", {}, words), h("div", { class: "row" }, ...actions)));
}

/** @param {HTMLFormElement} form @param {string} page @param {Fields} before @param {Fields} served */
function putBack(form, page, before, served) {
  fill(form, before); // with the version that it was made from: the server doesn't save it over a later one unasked
  const drop = h("button", { class: "button quiet", type: "button", onclick: () => {
    sessionStorage.removeItem(KEPT + page);
    fill(form, served);
    drop.closest(".notice")?.remove();
  } }, "書きかけを捨てる");
  const later = before.seen === served.seen ? "" : form.dataset.later;
  form.closest("details")?.setAttribute("open", "");
  notice(`保存していない書きかけの内容を戻しました。${later}`, drop);
}

/** @param {HTMLFormElement} form */
function keep(form) {
  const page = String(form.dataset.draft);
  const served = fieldsOf(form);
  const before = kept(page)?.fields;
  if ("refused" in form.dataset) put(page, form); // what the server sent back is what was typed last
  else if (before && JSON.stringify(before) !== JSON.stringify(served)) putBack(form, page, before, served);
  form.addEventListener("input", () => put(page, form));
}

/** @returns {string[]} the pages whose forms have something unsaved, what was written last first */
function pages() {
  const found = Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT)).map((key) => key.slice(KEPT.length));
  return found.sort((a, b) => (kept(b)?.at ?? 0) - (kept(a)?.at ?? 0));
}

/** @param {string} page */
function link(page) {
  const { id, question, name } = kept(page)?.fields ?? {};
  return h("a", { class: "button", href: page }, `続きを書く：${question || name || id || "新しい項目"}`);
}

for (const page of (document.querySelector("[data-saved]")?.getAttribute("data-saved") ?? "").split(" ")) {
  sessionStorage.removeItem(KEPT + page);
}
const form = document.querySelector("form[data-draft]");
if (form instanceof HTMLFormElement) keep(form);
else if (pages().length) notice("保存していない書きかけの内容があります。", ...pages().map(link));
