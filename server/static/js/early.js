/** Forms of every page: one that was sent before the page's scripts had come is sent by them, and none is sent twice. */

/** @type {HTMLFormElement | null} */
let early = null;
let isReady = false;
const SENT_MS = 10_000; // in which a second press is meant for the first

document.addEventListener("submit", (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (form.hasAttribute("method")) once(form, e);
  else later(form, e);
});

/** A form that needs no script, pressed twice. After a while it may be: nothing tells that somebody stopped the browser. @param {HTMLFormElement} form @param {SubmitEvent} e */
function once(form, e) {
  if (form.method !== "post" || e.defaultPrevented) return;
  if (form.dataset.sent) {
    e.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, SENT_MS);
}

/** @param {HTMLFormElement} form @param {SubmitEvent} e */
function later(form, e) {
  e.preventDefault();
  if (isReady) return;
  early = form;
  form.setAttribute("aria-busy", "true");
}

function sendable() {
  for (const form of document.forms) delete form.dataset.sent;
}

window.addEventListener("pageshow", sendable); // also when somebody comes back to it
document.addEventListener("keydown", (e) => { if (e.key === "Escape") sendable(); }); // which stops what the browser sends

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
