/** Asks before something is lost. */

import { h, icon } from "./dom.js";

/**
 * @param {string} title @param {string} text @param {string} yes the word on the button that does it
 * @returns {Promise<boolean>}
 */
export function confirmed(title, text, yes) {
  return new Promise((resolve) => {
    const back = /** @type {HTMLElement | null} */ (document.activeElement);
    const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
      h("form", { method: "dialog" },
        h("h2", { id: "confirm-title" }, title),
        h("p", { id: "confirm-text" }, text),
        h("div", { class: "row end" },
          h("button", { class: "button", value: "no", autofocus: true }, "やめる"),
          h("button", { class: "button alarm main", value: "yes" }, icon("bin"), yes)))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      back?.focus();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
