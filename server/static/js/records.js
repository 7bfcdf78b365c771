/** A list of recordings, how far each is, and those that were deleted; asks again every two seconds while something is worked on. */

import { json, request } from "./api.js";
import { confirmed } from "./confirm.js";
import { Deleted } from "./deleted.js";
import { byId, h, icon } from "./dom.js";
import { failure } from "./failure.js";
import { heldChip, keptText } from "./keeping.js";

const POLL_MS = 2000;

/**
 * @typedef {{id: string, state: "queued" | "working" | "done" | "failed", progress: number, message: string | null, ahead?: number | null,
 *            duration_s: number | null, file_name?: string, created_at?: string} & import("./keeping.js").Kept} Job
 * @typedef {{url: string, page: string, key: string, title: (r: any) => string, facts: (r: any) => string[], empty: string[],
 *            list?: () => Promise<any>, told?: (body: any) => void}} RecordsOptions `list` asks for the records, `told` hears the answer
 */

/** @type {Record<string, [string, string]>} class and words */
const STATES = {
  queued: ["chip plain", "順番を待っています"],
  working: ["chip yuzu", "文字にしています"],
  done: ["chip", "できました"],
  failed: ["chip bad", "できませんでした"],
};
const WAITS = ["chip bad", "待っています"]; // not for its turn: for what its message says

/** @param {Job} job */
export function stateChip(job) {
  const [style, words] = job.state === "queued" && job.message ? WAITS : STATES[job.state] ?? STATES.queued;
  const ahead = job.state === "queued" && !job.message && job.ahead ? `（前に${job.ahead}件）` : "";
  return h("span", { class: style }, words + ahead);
}

/** @param {Job} job */
export function working(job) {
  return job.state === "queued" || job.state === "working";
}

/** @param {Job} job @param {string} name */
export function progressBar(job, name) {
  const percent = Math.round((job.progress ?? 0) * 100);
  return h("div", { class: "record-progress" },
    h("progress", { max: 100, value: percent, "aria-label": `${name}の進み具合` }, `${percent}%`), h("span", {}, `${percent}%`));
}

export class Records {
  /** @param {RecordsOptions} options */
  constructor(options) {
    this.options = options;
    this.element = byId("records");
    this.shown = "";
    /** @type {object} */
    this.latest = {};
    this.deletedDays = Number(this.element.dataset.deletedDays);
    this.deleted = new Deleted(`${options.url}/deleted`, () => this.refresh());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.refresh(); });
    this.refresh();
  }

  async refresh() {
    clearTimeout(this.timer);
    const mine = this.latest = {};
    try {
      const body = await (this.options.list ?? (() => json(this.options.url)))();
      if (mine !== this.latest) return; // something else was asked for meanwhile
      this.options.told?.(body);
      this.show(body[this.options.key]);
    } catch (error) {
      this.broken(/** @type {import("./api.js").ApiError} */ (error));
    }
  }

  /** @param {import("./api.js").ApiError} error */
  broken(error) {
    this.shown = "";
    this.element.replaceChildren(h("li", { class: "notice bad", role: "alert" }, ...failure(error, () => this.refresh())));
  }

  /** @param {Job[]} records */
  show(records) {
    if (records.some(working) && !document.hidden) this.timer = setTimeout(() => this.refresh(), POLL_MS);
    const fresh = JSON.stringify(records.length ? records : this.options.empty);
    if (fresh === this.shown) return;
    this.shown = fresh;
    const focused = document.activeElement?.id; // the list is built anew: whoever stands in it stays where they are
    this.element.replaceChildren(...(records.length ? records.map((r) => this.item(r)) : [this.nothing()]));
    if (focused && document.activeElement === document.body) byId(focused)?.focus();
  }

  nothing() {
    const [first, ...rest] = this.options.empty;
    return h("li", { class: "empty" }, icon("minutes"), h("strong", {}, first), ...rest.map((line) => h("p", {}, line)));
  }

  /** @param {Job} record */
  item(record) {
    const title = this.options.title(record);
    const kept = keptText(record);
    const remove = record.hold ? null : h("button", { type: "button", id: `remove-${record.id}`, class: "button small alarm", "aria-label": `「${title}」を削除`, onclick: () => this.remove(record.id, title) }, icon("bin"), "削除");
    return h("li", { class: "card record", "data-state": record.state },
      h("div", {},
        h("div", { class: "record-head" }, h("h3", {}, h("a", { id: `open-${record.id}`, href: `${this.options.page}/${record.id}` }, title)), stateChip(record), heldChip(record)),
        h("div", { class: "facts" }, ...[...this.options.facts(record), kept].filter(Boolean).map((f) => h("span", {}, f)))),
      remove,
      working(record) ? progressBar(record, title) : null,
      record.state !== "done" && record.message ? h("p", { class: "wrong" }, icon("alert"), record.message) : null);
  }

  /** @param {string} id @param {string} title */
  async remove(id, title) {
    const after = this.deletedDays ? `${this.deletedDays}日の間は、「削除した録音」から元に戻せます。` : "元には戻せません。";
    if (!(await confirmed("削除しますか", `「${title}」の録音と文字をすべて削除します。${after}`, "削除する"))) return;
    try {
      await request(`${this.options.url}/${id}`, { method: "DELETE" });
      await this.refresh();
      if (this.deletedDays) await this.deleted.offer(id, title);
      else byId("records-title").focus();
    } catch (error) {
      this.broken(/** @type {import("./api.js").ApiError} */ (error));
    }
  }
}
