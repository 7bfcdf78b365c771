/** What failed, and the way on: the login where the session ran out, else another try. */

import { h, icon } from "./dom.js";

/** The page itself, which leads to the login and back. @param {boolean} [apart] in a tab of its own, so that nothing here is lost */
export function loginLink(apart = false) {
  const link = h("a", { class: "button small", href: location.pathname }, apart ? "別の画面でログインする" : "ログインする");
  if (apart) link.setAttribute("target", "_blank");
  return link;
}

/** @param {Error & {status?: number}} error @param {() => void} [again] @returns {HTMLElement[]} what stands in a notice */
export function failure(error, again) {
  const action = error.status === 401 ? loginLink()
    : again ? h("button", { type: "button", class: "button small", onclick: again }, icon("retry"), "もう一度読み込む") : null;
  return [icon("alert"), h("div", {}, h("p", {}, error.message), action)];
}
