/** What was decided and is to be done: candidates that a clerk takes or drops, and what was taken, to be written by hand. */

import { json, post, request } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { clock } from "./time.js";
import { fillUntouched } from "./untouched.js";

/** @typedef {"agenda" | "decision" | "task" | "question"} Kind */
/** @typedef {{text: string, start: number, speaker: string | null}} Quote */
/** @typedef {{text: string, who: string, due: string, reply: string}} Wording */
/** @typedef {Wording & {id: number, kind: Kind, quote: Quote, about: Quote[]}} Point `about` are sentences that the quote refers to */
/** @typedef {{kind: Kind, quote: Quote, about: Quote[], who: string, due: string, reply: Quote | null}} Candidate */

/** @type {[Kind, string][]} */
export const KINDS = [["agenda", "議題"], ["decision", "決定事項"], ["task", "宿題"], ["question", "質疑"]];
const NAMES = Object.fromEntries(KINDS);

/** @type {Record<Kind, [keyof Wording, string][]>} the fields of a point, and what they are called */
const FIELDS = {
  agenda: [["text", "議題"]],
  decision: [["text", "決定したこと"]],
  task: [["text", "すること"], ["who", "担当"], ["due", "期限"]],
  question: [["text", "質問"], ["reply", "答え"]],
};

export class Gist {
  /** @param {string} url of the meeting @param {(seconds: number) => void} play */
  constructor(url, play) {
    this.url = `${url}/points`;
    this.play = play;
    this.shown = "";
    byId("bring-back").addEventListener("click", () => this.#do(() => request(`${this.url}/dropped`, { method: "DELETE" }), "落とした候補を戻しました。"));
    this.refresh();
  }

  /** Read anew what is noted and what may be; what somebody writes at the moment stays. */
  async refresh() {
    const mine = this.latest = {};
    const noted = await json(this.url).catch(() => null);
    if (!noted || mine !== this.latest) return;
    const fresh = JSON.stringify(noted);
    if (fresh === this.shown) return;
    this.#candidates(noted.candidates, noted.dropped);
    if (byId("points").contains(document.activeElement)) return; // drawn at the next look
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
    if (candidates.length && !byId("candidates").children.length) byId("proposals").open = true;
    byId("candidate-count").textContent = String(candidates.length);
    byId("candidates").replaceChildren(...candidates.map((c) => this.#candidate(c)));
    byId("bring-back").hidden = !dropped;
    byId("bring-back").textContent = `落とした候補を戻す（${dropped}件）`;
  }

  /** @param {Candidate} c */
  #candidate(c) {
    const place = { kind: c.kind, start: c.quote.start };
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

  /** @param {Point[]} points */
  #points(points) {
    byId("points").replaceChildren(...KINDS.flatMap(([kind, name]) => {
      const mine = points.filter((p) => p.kind === kind);
      return mine.length ? [h("h3", {}, name), h("ol", { class: "points" }, ...mine.map((p) => this.#point(p)))] : [];
    }));
  }

  /** @param {Point} point */
  #point(point) {
    /** @type {Wording} */
    let was = { text: point.text, who: point.who, due: point.due, reply: point.reply };
    const wrong = h("p", { class: "wrong", role: "alert" });
    wrong.hidden = true;
    const inputs = FIELDS[point.kind].map(([field, name]) => {
      const long = field === "text" || field === "reply";
      const input = /** @type {HTMLTextAreaElement} */ (h(long ? "textarea" : "input", { class: "input", name: field, maxlength: long ? 1000 : 100, rows: long ? 2 : null, autocomplete: "off" }));
      input.value = point[field];
      return h("label", { class: long ? "wide" : "" }, name, input);
    });
    const form = /** @type {HTMLFormElement} */ (h("form", { class: "point", novalidate: true }, ...inputs, wrong,
      h("div", { class: "row wide" }, ...[...point.about, point.quote].flatMap((q) => [this.#at(q), h("q", { class: "hint" }, q.text)]),
        h("button", { type: "button", class: "button small quiet", onclick: () => this.#do(() => request(`${this.url}/${point.id}`, { method: "DELETE" }), "外しました。") }, icon("bin"), "外す"))));
    const save = async () => {
      const wording = { ...was, ...Object.fromEntries(new FormData(form)) };
      try {
        const body = JSON.stringify({ was, wording });
        const { text, who, due, reply } = await (await request(`${this.url}/${point.id}`, { method: "PATCH", body, headers: { "content-type": "application/json" } })).json();
        was = { text, who, due, reply };
        wrong.hidden = true;
        this.#tell("保存しました。");
      } catch (error) {
        wrong.replaceChildren(icon("alert"), await this.#reason(/** @type {import("./api.js").ApiError} */ (error), point, (now) => {
          fillUntouched(was, now, (name) => form.elements.namedItem(name));
          was = now;
        }));
        wrong.hidden = false;
      }
    };
    form.addEventListener("change", save);
    form.addEventListener("submit", (e) => { e.preventDefault(); save(); });
    return h("li", {}, form);
  }

  /** What went wrong; what somebody else wrote meanwhile is told, and may be written over then. */
  async #reason(/** @type {import("./api.js").ApiError} */ error, /** @type {Point} */ point, /** @type {(now: Wording) => void} */ take) {
    const noted = error.code === "superseded" ? await json(this.url).catch(() => null) : null;
    const now = /** @type {Point[]} */ (noted?.points ?? []).find((p) => p.id === point.id);
    if (!now) return error.message;
    take({ text: now.text, who: now.who, due: now.due, reply: now.reply });
    return `${error.message} 今の内容: ${FIELDS[now.kind].map(([field]) => now[field]).filter(Boolean).join(" ／ ")}`;
  }

  /** @param {Quote} quote */
  #at(quote) {
    return h("button", { type: "button", class: "at", "aria-label": `${clock(quote.start)}から再生`, onclick: () => this.play(quote.start) }, clock(quote.start));
  }

  /** @param {() => Promise<unknown>} work @param {string} words what is told when it is done */
  async #do(work, words) {
    const wrong = byId("gist-wrong");
    try {
      await work();
      wrong.hidden = true;
      this.#tell(words);
      byId("gist-title").focus({ preventScroll: true });
    } catch (error) {
      wrong.replaceChildren(icon("alert"), /** @type {Error} */ (error).message);
      wrong.hidden = false;
    }
    await this.refresh();
  }

  /** @param {string} words */
  #tell(words) {
    byId("gist-said").textContent = words;
  }
}
