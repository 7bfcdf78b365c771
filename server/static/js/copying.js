/** A call taken out as a file: what for is asked, and the file has a number. */

import { post } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { style } from "./writing.js";

/** @param {string} url of the call @param {boolean} hasText whether there is more than the recording */
export function offerCopies(url, hasText) {
  const form = byId("copying");
  form.hidden = false;
  for (const button of form.querySelectorAll("button")) {
    button.hidden = !hasText && button.value !== "";
    button.type = button.hidden ? "button" : "submit"; // Enter presses the first that submits, though it is hidden
  }
  form.onsubmit = (/** @type {SubmitEvent} */ e) => {
    e.preventDefault();
    take(url, /** @type {HTMLButtonElement} */ (e.submitter).value);
  };
}

/** @param {string} url @param {string} form of a text; none for the recording */
async function take(url, form) {
  const purpose = byId("purpose").value.trim();
  complain(purpose ? "" : "ファイルにする目的を入力してください。");
  if (!purpose) return byId("purpose").focus();
  byId("copying-said").textContent = "ファイルを作っています…";
  try {
    const reply = await post(form ? `${url}/copies/${form}?${style()}` : `${url}/copies`, { purpose });
    const name = nameOf(reply);
    save(await reply.blob(), name);
    byId("copying-said").textContent = `「${name}」を保存しました。`;
  } catch (error) {
    byId("copying-said").textContent = "";
    complain(/** @type {Error} */ (error).message);
  }
  return undefined;
}

/** @param {Response} reply @returns {string} */
function nameOf(reply) {
  const written = /filename\*=utf-8''([^;]+)/i.exec(reply.headers.get("content-disposition") ?? "");
  return written ? decodeURIComponent(written[1]) : "通話記録";
}

/** @param {Blob} content @param {string} name */
function save(content, name) {
  const href = URL.createObjectURL(content);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser reads it after the click
}

/** @param {string} message */
function complain(message) {
  byId("copying-wrong").hidden = !message;
  byId("copying-wrong").replaceChildren(icon("alert"), message);
  byId("purpose").setAttribute("aria-invalid", String(Boolean(message)));
}
