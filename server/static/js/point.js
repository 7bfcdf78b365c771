/** A point that is noted of a meeting, written by hand: what is typed stays until it is kept. */

import { post, request } from "./api.js";
import { h, icon } from "./dom.js";
import { KeptForm } from "./kept-form.js";

/** @typedef {"agenda" | "decision" | "task" | "question"} Kind */
/** @typedef {{text: string, start: number, speaker: string | null}} Quote */
/** @typedef {{text: string, who: string, due: string, reply: string}} Wording */
/** @typedef {Wording & {id: number, kind: Kind, quote: Quote, about: Quote[]}} Point `about` are sentences that the quote refers to */

/** @type {Record<Kind, [keyof Wording, string][]>} the fields of a point, and what they are called */
const FIELDS = {
  agenda: [["text", "議題"]],
  decision: [["text", "決定したこと"]],
  task: [["text", "すること"], ["who", "担当"], ["due", "期限"]],
  question: [["text", "質問"], ["reply", "答え"]],
};

/** @param {Wording} w @returns {Wording} */
const wording = (w) => ({ text: w.text, who: w.who, due: w.due, reply: w.reply });

export class PointForm {
  /**
   * @param {string} url of the points @param {Point} point
   * @param {{at: (quote: Quote) => HTMLElement, kept: () => void, now: (id: number) => Promise<Point | null>,
   *          remove: (work: () => Promise<unknown>) => void}} desk
   */
  constructor(url, point, desk) {
    this.url = `${url}/${point.id}`;
    this.point = point;
    this.desk = desk;
    this.gone = false;
    this.wrong = h("p", { class: "wrong", role: "alert" });
    this.wrong.hidden = true;
    const quotes = [...point.about, point.quote].flatMap((q) => [desk.at(q), h("q", { class: "hint" }, q.text)]);
    const bin = h("button", { type: "button", class: "button small quiet", onclick: () => desk.remove(() => this.#remove()) }, icon("bin"), "外す");
    this.form = /** @type {HTMLFormElement} */ (h("form", { class: "point", novalidate: true, onchange: () => this.save(), onsubmit: (/** @type {Event} */ e) => { e.preventDefault(); this.save(); } },
      ...FIELDS[point.kind].map(([field, name]) => label(point, field, name)), this.wrong, h("div", { class: "row wide" }, ...quotes, bin)));
    this.kept = new KeptForm(wording(point), (name) => this.form.elements.namedItem(name), (was, fresh) => this.#send(was, fresh));
    this.element = h("li", {}, this.form);
  }

  get dirty() {
    return !this.gone && this.kept.dirty;
  }

  /** What stands in it, in a line. */
  get text() {
    return this.#line(/** @type {Wording} */ (/** @type {unknown} */ (this.kept.typed)));
  }

  /** @param {Point} now */
  take(now) {
    this.kept.take(wording(now));
  }

  async save() {
    try {
      await this.kept.save();
      this.wrong.hidden = true;
      this.desk.kept();
    } catch (error) {
      const again = h("button", { class: "button small" }, icon("retry"), "もう一度保存する");
      this.wrong.replaceChildren(icon("alert"), await this.#reason(/** @type {import("./api.js").ApiError} */ (error)), again);
      this.wrong.hidden = false;
    }
  }

  /** @param {object} was @param {object} fresh */
  async #send(was, fresh) {
    const body = JSON.stringify({ was, wording: fresh });
    const reply = await request(this.url, { method: "PATCH", body, headers: { "content-type": "application/json" } });
    return wording(await reply.json());
  }

  /** Not before what was typed just now is kept, as that is what is seen. */
  #remove() {
    return this.kept.inTurn(async () => {
      await post(`${this.url}/removed`, { was: this.kept.was });
      this.gone = true;
    });
  }

  /** What went wrong; what somebody else wrote meanwhile is told, and may be written over then. @param {import("./api.js").ApiError} error */
  async #reason(error) {
    const now = error.code === "superseded" ? await this.desk.now(this.point.id) : null;
    if (!now) return error.message;
    this.take(now);
    return `${error.message} 今の内容: ${this.#line(now)}`;
  }

  /** @param {Wording} w */
  #line(w) {
    return FIELDS[this.point.kind].map(([field]) => w[field]).filter(Boolean).join(" ／ ");
  }
}

/** @param {Point} point @param {keyof Wording} field @param {string} name */
function label(point, field, name) {
  const long = field === "text" || field === "reply";
  const input = /** @type {HTMLTextAreaElement} */ (h(long ? "textarea" : "input", { class: "input", name: field, maxlength: long ? 1000 : 100, rows: long ? 2 : null, autocomplete: "off" }));
  input.value = point[field];
  return h("label", { class: long ? "wide" : "" }, name, input);
}
