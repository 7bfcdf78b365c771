/** A word looked for in the whole recording, corrected in the places that were chosen, and the last correction taken back. */

import { json, post, request } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { clock } from "./time.js";
import { style } from "./writing.js";

/** @typedef {{wrong: string, right: string, places: number}} Word */
/** @typedef {{segment: number, start: number, speaker: string | null, before: string, found: string, after: string}} Place */
/** @typedef {{url: string, play: (seconds: number) => void, changed: () => Promise<void>}} Hands `changed` has the text read anew */

export class Finding {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    this.said = byId("found-said");
    byId("find").addEventListener("submit", (/** @type {Event} */ e) => { e.preventDefault(); this.look(); });
    byId("replace").addEventListener("click", () => this.replace());
    byId("take-back").addEventListener("click", () => this.takeBack());
    this.refresh();
  }

  get words() {
    return { wrong: byId("wrong").value.trim(), right: byId("right").value.trim() };
  }

  /** Fill the form in and look. @param {Word} word */
  take(word) {
    byId("finding").open = true;
    byId("wrong").value = word.wrong;
    byId("right").value = word.right;
    this.look();
    byId("finding").scrollIntoView({ block: "start" });
    byId("wrong").focus();
  }

  async look() {
    const words = this.words;
    byId("replace").hidden = true;
    byId("found").replaceChildren();
    if (!words.wrong) {
      this.said.textContent = "探す言葉を入力してください。";
      byId("wrong").focus();
      return;
    }
    try {
      const { places, total } = await (await post(`${this.hands.url}/places?${style()}`, words)).json();
      this.#show(places, total, words);
    } catch (error) {
      this.said.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {Place[]} places @param {number} total @param {{wrong: string, right: string}} words */
  #show(places, total, words) {
    byId("found").replaceChildren(...places.map((p, i) => this.#item(p, i, Boolean(words.right))));
    if (!total) this.said.textContent = `「${words.wrong}」は見つかりませんでした。`;
    else if (total > places.length) this.said.textContent = `${total}か所あります。はじめの${places.length}か所を示します。`;
    else this.said.textContent = `${total}か所あります。`;
    byId("replace").hidden = !total || !words.right;
    byId("replace-text").textContent = `選んだところの「${words.wrong}」を「${words.right}」に直す`;
    this.looked = words;
  }

  /** @param {Place} p @param {number} i @param {boolean} choosing */
  #item(p, i, choosing) {
    const text = h("span", {}, p.before, h("mark", {}, p.found), p.after);
    return h("li", {},
      choosing ? h("input", { type: "checkbox", id: `place-${i}`, checked: true, value: p.segment, onchange: together }) : null,
      h("label", { for: choosing ? `place-${i}` : null }, text),
      h("button", { type: "button", class: "at", "aria-label": `${clock(p.start)}から再生`, onclick: () => this.hands.play(p.start) }, clock(p.start)));
  }

  async replace() {
    const chosen = [...byId("found").querySelectorAll("input:checked")];
    const segments = [...new Set(chosen.map((/** @type {any} */ b) => Number(b.value)))];
    try {
      const { places } = await (await post(`${this.hands.url}/corrections?${style()}`, { ...this.looked, segments })).json();
      await this.hands.changed();
      await this.look();
      this.tell(`${places}か所を直しました。`);
    } catch (error) {
      this.said.textContent = /** @type {Error} */ (error).message;
    }
  }

  async takeBack() {
    await this.reading; // after a correction of a moment ago, which else would pass for somebody else's
    try {
      const { back, left } = await (await request(`${this.hands.url}/corrections/${this.last}`, { method: "DELETE" })).json();
      const what = byId("take-back-what").textContent;
      await this.hands.changed();
      this.tell(left ? `${back}つの発言を元に戻しました。そのあとに直された${left}つの発言は、そのままです。` : `直前の訂正を取り消しました。${what}`);
      if (byId("finding").open && this.looked) this.look();
    } catch (error) {
      await this.refresh();
      this.tell(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} words @param {Word[]} [elsewhere] what may be corrected in other places, too */
  tell(words, elsewhere = []) {
    byId("corrected").hidden = false;
    byId("corrected-said").replaceChildren(h("span", {}, words), ...elsewhere.map((w) => this.#offer(w, `「${w.wrong}」は、ほかに${w.places}か所あります`)));
    this.refresh();
  }

  /** How much can be taken back, and what people corrected before and stands here. */
  refresh() {
    return this.reading = this.#read();
  }

  async #read() {
    const record = await json(`${this.hands.url}/corrections?${style()}`).catch(() => null);
    if (!record) return;
    this.last = record.last?.id;
    byId("take-back").hidden = !record.last;
    byId("take-back-what").textContent = record.last ? madeText(record.last) : "";
    if (record.made) byId("corrected").hidden = false;
    byId("proposed").hidden = !record.proposed.length;
    byId("proposed-words").replaceChildren(...record.proposed.map((/** @type {Word} */ w) => h("li", {}, this.#offer(w, `「${w.wrong}」→「${w.right}」（${w.places}か所）`))));
  }

  /** @param {Word} word @param {string} text */
  #offer(word, text) {
    return h("button", { type: "button", class: "button small", onclick: () => this.take(word) }, icon("edit"), text);
  }
}

/** @type {Record<string, string>} */
const MANNERS = { written: "", parted: "発言を分けた訂正", joined: "発言をつないだ訂正", named: "話した人" };

/** Whose correction is taken back next, and what it did. @param {{by: string, manner: string, words: {wrong: string, right: string}[]}} made */
function madeText({ by, manner, words }) {
  const what = MANNERS[manner] + words.map((w) => (w.wrong ? `「${w.wrong}」→「${w.right}」` : `「${w.right}」`)).join("");
  return by || what ? `（${[by, what].filter(Boolean).join("、")}）` : "";
}

/** The places of one utterance are chosen together: it is corrected as a whole. @param {Event} e */
function together(e) {
  const box = /** @type {HTMLInputElement} */ (e.target);
  for (const other of byId("found").querySelectorAll("input")) if (other.value === box.value) other.checked = box.checked;
}
