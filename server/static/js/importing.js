/** Says that files are being taken in, which takes a while, and that the button was heard. */

import { byId } from "./dom.js";

const form = /** @type {HTMLFormElement} */ (byId("import"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));

form.addEventListener("submit", () => {
  button.disabled = true;
  byId("importing").textContent = "登録しています。文書が多いと、数分かかることがあります。このページを開いたままお待ちください。";
});

addEventListener("pageshow", () => { button.disabled = false; });
