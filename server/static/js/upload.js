/** The upload form of recordings: choosing or dropping a file, sending with progress, saying what is wrong. */

import { upload } from "./api.js";
import { byId } from "./dom.js";
import { takeDropped } from "./dropping.js";
import { loginLink } from "./failure.js";
import { guard } from "./leaving.js";
import { sizeText } from "./size.js";

export class Upload {
  /** @param {string} url @param {() => void} onDone @param {string} page of what is there already */
  constructor(url, onDone, page = "") {
    this.url = url;
    this.page = page;
    this.onDone = onDone;
    /** @type {HTMLFormElement} */
    this.form = byId("upload");
    /** @type {HTMLInputElement} */
    this.file = byId("audio");
    this.wrong = byId("upload-wrong");
    this.sending = byId("sending");
    this.bar = byId("sending-bar");
    /** @type {HTMLInputElement[]} those in use are not disabled */
    this.files = [...this.form.querySelectorAll("input[type=file]")];
    for (const file of this.files) file.addEventListener("change", () => this.#chosen());
    this.form.addEventListener("submit", (e) => { e.preventDefault(); this.send(); });
    byId("again")?.addEventListener("click", () => this.send(true));
    guard(() => !this.sending.hidden);
    byId("sending-cancel").addEventListener("click", () => this.cancel?.());
    for (const file of this.files) takeDropped(file, () => this.#chosen());
  }

  #chosen() {
    for (const input of this.files) {
      const chosen = input.files?.[0];
      byId(`${input.id}-chosen`).textContent = chosen ? `${chosen.name}（${sizeText(chosen.size)}）` : "まだ選ばれていません";
    }
    const file = this.file.files?.[0];
    byId("already").hidden = true;
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
    const files = this.files.filter((file) => !file.disabled);
    const none = files.find((file) => !file.files?.length);
    if (none) return ["録音ファイルを選んでください。", none];
    const size = (/** @type {HTMLInputElement} */ file) => file.files?.[0].size ?? 0;
    const empty = files.find((file) => !size(file));
    if (empty) return ["ファイルが空です（0バイト）。録音し直すか、元のファイルをコピーし直してください。", empty];
    const limit = Number(this.form.dataset.limit); // told now, not when all of it was sent
    if (files.reduce((sum, file) => sum + size(file), 0) > limit) return [`ファイルが大きすぎます。${Math.floor(limit / 1e6).toLocaleString()} MB までにしてください。`, files[0]];
    for (const input of this.form.querySelectorAll("[required]")) {
      if (!(/** @type {HTMLInputElement} */ (input).value.trim())) return [`「${input.getAttribute("data-name")}」を入力してください。`, input];
    }
    return null;
  }

  /** @param {boolean} [again] though it was taken in before */
  async send(again) {
    if (!this.sending.hidden) return undefined; // Enter in a field sends, too
    const missing = this.#incomplete();
    if (missing) return this.#complain(/** @type {string} */ (missing[0]), /** @type {HTMLElement} */ (missing[1]));
    this.#complain("");
    byId("already").hidden = true;
    this.#busy(true);
    const form = this.#filled();
    if (again) form.set("again", "true");
    const { done, cancel } = upload(this.url, form, (share) => this.#progress(share));
    this.cancel = cancel;
    try {
      const taken = await done;
      if (taken?.already) return this.#already(taken);
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

  /** @param {{id: string, already: string}} taken */
  #already(taken) {
    byId("already").hidden = false;
    byId("already-text").textContent = taken.already;
    byId("already-link").href = `${this.page}/${taken.id}`;
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
