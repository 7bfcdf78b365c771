/** What was decided and is to be done: candidates that a clerk takes or drops, and what was taken, to be written by hand. */

import { json, post, request } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { guard } from "./leaving.js";
import { PointForm } from "./point.js";
import { clock } from "./time.js";

/** @typedef {import("./point.js").Kind} Kind */
/** @typedef {import("./point.js").Quote} Quote */
/** @typedef {import("./point.js").Point} Point */
/** @typedef {{kind: Kind, quote: Quote, about: Quote[], who: string, due: string, reply: Quote | null}} Candidate */

/** @type {[Kind, string][]} */
export const KINDS = [["agenda", "議題"], ["decision", "決定事項"], ["task", "宿題"], ["question", "質疑"]];
const NAMES = Object.fromEntries(KINDS);

export class Gist {
  /** @param {string} url of the meeting @param {(seconds: number) => void} play */
  constructor(url, play) {
    this.url = `${url}/points`;
    this.play = play;
    this.shown = this.proposed = "";
    this.late = false; // points have come or gone, and are drawn when nobody writes
    /** @type {Map<number, PointForm>} by the ids of the points */
    this.forms = new Map();
    guard(() => [...this.forms.values()].some((form) => form.dirty));
    byId("points").addEventListener("focusout", () => setTimeout(() => this.late && this.refresh()));
    byId("bring-back").addEventListener("click", () => this.#do(() => request(`${this.url}/dropped`, { method: "DELETE" }), "落とした候補を戻しました。"));
    this.refresh();
  }

  /** Read anew what is noted and what may be; what somebody has typed and not kept stays. */
  async refresh() {
    const mine = this.latest = {};
    const noted = await json(this.url).catch(() => null);
    if (!noted || mine !== this.latest) return;
    const fresh = JSON.stringify(noted);
    if (fresh === this.shown) return;
    this.#candidates(noted.candidates, noted.dropped);
    for (const point of noted.points) this.forms.get(point.id)?.take(point);
    this.late = byId("points").contains(document.activeElement) && !this.#stand(noted.points); // a form that is moved loses the cursor
    if (this.late) return;
    this.#points(noted.points);
    this.shown = fresh;
  }

  /** Note an utterance that nothing proposed. @param {Kind} kind @param {number} segment @returns {Promise<string>} what is told then */
  async note(kind, segment) {
    try {
      await post(`${this.url}/noted`, { kind, segment });
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
    await this.refresh();
    return `この発言を「${NAMES[kind]}」に書き留めました。`;
  }

  /** @param {Candidate[]} candidates @param {number} dropped */
  #candidates(candidates, dropped) {
    const fresh = JSON.stringify([candidates, dropped]);
    if (fresh === this.proposed) return; // a button stays that is being pressed
    this.proposed = fresh;
    if (candidates.length && !byId("candidates").children.length) byId("proposals").open = true;
    byId("candidate-count").textContent = String(candidates.length);
    byId("candidates").replaceChildren(...candidates.map((c) => this.#candidate(c)));
    byId("bring-back").hidden = !dropped;
    byId("bring-back").textContent = `落とした候補を戻す（${dropped}件）`;
  }

  /** @param {Candidate} c */
  #candidate(c) {
    const place = { kind: c.kind, start: c.quote.start, text: c.quote.text };
    const facts = [c.who && `担当: ${c.who}`, c.due && `期限: ${c.due}`].filter(Boolean).join("　");
    return h("li", {},
      h("div", { class: "row" }, h("span", { class: "chip plain" }, NAMES[c.kind]), this.#at(c.quote), c.quote.speaker),
      ...c.about.map((q) => h("p", { class: "about" }, q.speaker && q.speaker !== c.quote.speaker ? `${q.speaker}: ` : "", h("q", {}, q.text), this.#at(q))),
      h("q", {}, c.quote.text),
      c.reply ? h("p", { class: "hint" }, c.reply.speaker ? `${c.reply.speaker}: ` : "", h("q", {}, c.reply.text), this.#at(c.reply)) : null,
      facts ? h("p", { class: "hint" }, facts) : null,
      h("div", { class: "row" },
        h("button", { type: "button", class: "button small", onclick: () => this.#do(() => post(this.url, place), `「${NAMES[c.kind]}」に取り入れました。`) }, icon("check"), "取り入れる"),
        h("button", { type: "button", class: "button small quiet", onclick: () => this.#do(() => post(`${this.url}/dropped`, place), "候補から落としました。") }, "落とす")));
  }

  /** Whether it is these points that have forms. @param {Point[]} points */
  #stand(points) {
    return points.length === this.forms.size && points.every((p) => this.forms.has(p.id));
  }

  /** @param {Point[]} points */
  #points(points) {
    if (this.#stand(points)) return;
    const before = this.forms;
    this.forms = new Map(points.map((p) => [p.id, before.get(p.id) ?? this.#form(p)]));
    byId("points").replaceChildren(...KINDS.flatMap(([kind, name]) => {
      const mine = points.filter((p) => p.kind === kind);
      return mine.length ? [h("h3", {}, name), h("ol", { class: "points" }, ...mine.map((p) => this.forms.get(p.id)?.element ?? null))] : [];
    }));
    const lost = [...before].filter(([id, form]) => !this.forms.has(id) && form.dirty).map(([, form]) => `「${form.text}」`);
    if (lost.length) this.#complain(`書きかけの項目は、ほかの画面で外されました。書いていた内容: ${lost.join("")}`);
  }

  /** @param {Point} point */
  #form(point) {
    return new PointForm(this.url, point, {
      at: (quote) => this.#at(quote),
      kept: () => { this.#tell("保存しました。"); this.refresh(); },
      now: async (id) => /** @type {Point[]} */ ((await json(this.url).catch(() => null))?.points ?? []).find((p) => p.id === id) ?? null,
      remove: (work) => this.#do(work, "外しました。"),
    });
  }

  /** @param {Quote} quote */
  #at(quote) {
    return h("button", { type: "button", class: "at", "aria-label": `${clock(quote.start)}から再生`, onclick: () => this.play(quote.start) }, clock(quote.start));
  }

  /** @param {() => Promise<unknown>} work @param {string} words what is told when it is done */
  async #do(work, words) {
    try {
      await work();
      byId("gist-wrong").hidden = true;
      this.#tell(words);
      byId("gist-title").focus({ preventScroll: true });
    } catch (error) {
      this.#complain(/** @type {Error} */ (error).message);
    }
    await this.refresh();
  }

  /** @param {string} message */
  #complain(message) {
    byId("gist-wrong").replaceChildren(icon("alert"), message);
    byId("gist-wrong").hidden = false;
  }

  /** @param {string} words */
  #tell(words) {
    byId("gist-said").textContent = words;
  }
}
