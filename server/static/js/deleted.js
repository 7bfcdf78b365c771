/** Recordings that were deleted: the last one is brought back at once, all of them for some days. */

import { json, post, request } from "./api.js";
import { confirmed } from "./confirm.js";
import { byId, h, icon } from "./dom.js";
import { sizeText } from "./size.js";
import { dayText, momentText } from "./time.js";

/** @typedef {{id: string, title: string, deleted_at: string, deleted_by: string, until: string, size_bytes: number}} Gone */

export class Deleted {
  /** @param {string} url of those that were deleted @param {() => Promise<void>} changed */
  constructor(url, changed) {
    this.url = url;
    this.changed = changed;
    this.refresh();
  }

  /** Those that there are; a list that can't be had now is had the next time. */
  async refresh() {
    const body = await json(this.url).catch(() => null);
    if (body) this.#show(body.deleted);
  }

  /** Say what was deleted, and bring it back for who did not mean it. @param {string} id @param {string} title */
  async offer(id, title) {
    byId("undo-text").textContent = `「${title}」を削除しました。`;
    byId("undo-button").hidden = false;
    byId("undo-button").onclick = () => this.restore(id, title);
    byId("undo").hidden = false;
    byId("undo").focus();
    await this.refresh();
  }

  /** @param {string} id @param {string} title */
  async restore(id, title) {
    if (!(await this.#does(() => post(`${this.url}/${id}/restore`, {})))) return;
    byId("undo-text").textContent = `「${title}」を元に戻しました。`;
    byId("undo-button").hidden = true;
    byId("undo").hidden = false;
    byId("undo").focus();
  }

  /** @param {string} id @param {string} title */
  async erase(id, title) {
    const words = `「${title}」の録音と文字を、今すぐ完全に消します。元には戻せません。`;
    if (!(await confirmed("完全に削除しますか", words, "完全に削除する"))) return;
    if (!(await this.#does(() => request(`${this.url}/${id}`, { method: "DELETE" })))) return;
    byId("undo").hidden = true;
    byId(byId("deleted").hidden ? "records-title" : "deleted-title").focus();
  }

  /** @param {() => Promise<unknown>} work @returns {Promise<boolean>} whether it was done */
  async #does(work) {
    let wrong = "";
    try {
      await work();
    } catch (error) {
      wrong = /** @type {Error} */ (error).message;
    }
    await Promise.all([this.refresh(), this.changed()]);
    byId("deleted-wrong").hidden = !wrong;
    byId("deleted-wrong").replaceChildren(icon("alert"), wrong);
    if (wrong) byId("deleted").hidden = !(byId("deleted").open = true);
    return !wrong;
  }

  /** @param {Gone[]} gone */
  #show(gone) {
    byId("deleted").hidden = !gone.length;
    byId("deleted-count").textContent = `（${gone.length}件）`;
    byId("deleted-size").textContent = `録音の大きさは、合わせて ${sizeText(gone.reduce((sum, g) => sum + g.size_bytes, 0))} です。`;
    byId("deleted-list").replaceChildren(...gone.map((g) => this.#item(g)));
  }

  /** @param {Gone} g */
  #item(g) {
    return h("li", {},
      h("div", {}, h("strong", {}, g.title),
        h("div", { class: "facts" }, h("span", {}, `${momentText(g.deleted_at)}に${g.deleted_by}が削除`), h("span", {}, `${dayText(g.until)}まで元に戻せます`))),
      h("div", { class: "row" },
        h("button", { type: "button", class: "button small", "aria-label": `「${g.title}」を元に戻す`, onclick: () => this.restore(g.id, g.title) }, icon("back"), "元に戻す"),
        h("button", { type: "button", class: "button small alarm", "aria-label": `「${g.title}」を完全に削除`, onclick: () => this.erase(g.id, g.title) }, icon("bin"), "完全に削除")));
  }
}
