/** Forms of every page: one that was sent before the page's scripts had come is sent by them, and none is sent twice. */

/** @type {HTMLFormElement | null} */
let early = null;
let isReady = false;

document.addEventListener("submit", (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (form.hasAttribute("method")) once(form, e);
  else later(form, e);
});

/** A form that needs no script, pressed twice. @param {HTMLFormElement} form @param {SubmitEvent} e */
function once(form, e) {
  if (form.method !== "post" || e.defaultPrevented) return;
  if (form.dataset.sent) e.preventDefault();
  form.dataset.sent = "yes";
}

/** @param {HTMLFormElement} form @param {SubmitEvent} e */
function later(form, e) {
  e.preventDefault();
  if (isReady) return;
  early = form;
  form.setAttribute("aria-busy", "true");
}

window.addEventListener("pageshow", () => { // also when somebody comes back to it
  for (const form of document.forms) delete form.dataset.sent;
});

document.addEventListener("DOMContentLoaded", () => { // the page's modules have run
  isReady = true;
  early?.removeAttribute("aria-busy");
  early?.requestSubmit();
});

document.addEventListener("error", (e) => {
  if (!(e.target instanceof HTMLScriptElement)) return;
  const notice = document.getElementById("unready");
  if (!(notice instanceof HTMLTemplateElement)) return;
  notice.replaceWith(notice.content); // once, however many scripts are missing
}, true);
