/** What was typed and sent on a slow line before the page's scripts had come is sent by them, once they are there. */

/** @type {HTMLFormElement | null} */
let early = null;
let isReady = false;

document.addEventListener("submit", (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (form.hasAttribute("method")) return; // it needs no script
  e.preventDefault();
  if (isReady) return;
  early = form;
  form.setAttribute("aria-busy", "true");
});

document.addEventListener("DOMContentLoaded", () => { // the page's modules have run
  isReady = true;
  early?.removeAttribute("aria-busy");
  early?.requestSubmit();
});

document.addEventListener("error", (e) => {
  if (!(e.target instanceof HTMLScriptElement)) return;
  const notice = document.getElementById("unready");
  if (notice) notice.hidden = false;
}, true);
