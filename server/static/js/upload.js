/** The upload form of recordings: choosing or dropping a file, sending with progress, saying what is wrong. */

import { upload } from "./api.js";
import { byId } from "./dom.js";
import { loginLink } from "./failure.js";

/** @param {number} bytes */
function sizeText(bytes) {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} KB`;
}

export class Upload {
  /** @param {string} url @param {() => void} onDone */
  constructor(url, onDone) {
    this.url = url;
    this.onDone = onDone;
    /** @type {HTMLFormElement} */
    this.form = byId("upload");
    /** @type {HTMLInputElement} */
    this.file = byId("audio");
    this.wrong = byId("upload-wrong");
    this.sending = byId("sending");
    this.bar = byId("sending-bar");
    this.file.addEventListener("change", () => this.#chosen());
    this.form.addEventListener("submit", (e) => { e.preventDefault(); this.send(); });
    byId("sending-cancel").addEventListener("click", () => this.cancel?.());
    this.#dropping(byId("drop"));
  }

  /** @param {HTMLElement} zone */
  #dropping(zone) {
    for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (e) => { e.preventDefault(); zone.classList.add("over"); });
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, (e) => { e.preventDefault(); zone.classList.remove("over"); });
    zone.addEventListener("drop", (e) => {
      if (!e.dataTransfer?.files.length) return;
      this.file.files = e.dataTransfer.files;
      this.#chosen();
    });
  }

  #chosen() {
    const file = this.file.files?.[0];
    byId("chosen").textContent = file ? `${file.name}（${sizeText(file.size)}）` : "まだ選ばれていません";
    this.#complain("");
    const title = /** @type {HTMLInputElement | null} */ (byId("title"));
    if (file && title && !title.value) title.value = file.name.replace(/\.[^.]+$/, "");
  }

  /** @param {string} message @param {HTMLElement} [field] */
  #complain(message, field) {
    this.wrong.hidden = !message;
    byId("upload-wrong-text").textContent = message;
    for (const input of this.form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    field?.setAttribute("aria-invalid", "true");
    field?.focus();
  }

  #incomplete() {
    if (!this.file.files?.length) return ["録音ファイルを選んでください。", this.file];
    for (const input of this.form.querySelectorAll("[required]")) {
      if (!(/** @type {HTMLInputElement} */ (input).value.trim())) return [`「${input.getAttribute("data-name")}」を入力してください。`, input];
    }
    return null;
  }

  async send() {
    const missing = this.#incomplete();
    if (missing) return this.#complain(/** @type {string} */ (missing[0]), /** @type {HTMLElement} */ (missing[1]));
    this.#complain("");
    this.#busy(true);
    const { done, cancel } = upload(this.url, this.#filled(), (share) => this.#progress(share));
    this.cancel = cancel;
    try {
      await done;
      this.form.reset();
      this.#chosen();
      this.form.dispatchEvent(new Event("sent"));
      this.onDone();
    } catch (error) {
      const e = /** @type {import("./api.js").ApiError} */ (error);
      this.#complain(e.message);
      if (e.status === 401) byId("upload-wrong-text").append(" ", loginLink(true));
    } finally {
      this.#busy(false);
    }
    return undefined;
  }

  /** What was left empty is not sent. */
  #filled() {
    const form = new FormData(this.form);
    for (const [name, value] of [...form.entries()]) if (value === "") form.delete(name);
    return form;
  }

  /** @param {boolean} on */
  #busy(on) {
    this.sending.hidden = !on;
    byId("send").hidden = on;
    if (on) this.#progress(0);
  }

  /** @param {number} share */
  #progress(share) {
    const percent = Math.round(share * 100);
    this.bar.value = percent;
    byId("sending-text").textContent = percent < 100 ? `送信しています… ${percent}%` : "受け付けています…";
  }
}
