/** A call as a conversation that grows: what was said and what happened, in the order of time, and what is being said. */

import { byId, h } from "./dom.js";
import { clock, lengthText } from "./time.js";

const NEAR_END_PX = 80;

/**
 * @typedef {{key: string, kind: string, start: number, side: "ours" | "other" | null, speaker: string | null, text?: string, lasts?: number}} Line
 */

/** @param {number} seconds */
function lost(seconds) {
  return `音声欠落 ${seconds < 10 ? Number(seconds.toFixed(1)) : lengthText(seconds)}${seconds < 10 ? "秒" : ""}`;
}

/** @type {Record<string, string>} */
const HAPPENED = { held: "保留しました", resumed: "保留が終わりました", key: "電話機のボタンが押されました", changed: "話す人が変わりました" };

export class Dialogue {
  constructor() {
    this.box = byId("said");
    this.list = byId("lines");
    this.saying = byId("saying");
    /** @type {Map<string, HTMLElement>} */
    this.elements = new Map();
    this.following = true;
    this.box.addEventListener("scroll", () => this.#scrolled());
    byId("latest").addEventListener("click", () => { this.following = true; this.#follow(); this.box.focus(); });
  }

  clear() {
    this.elements.clear();
    this.list.replaceChildren();
    this.saying.replaceChildren();
    this.following = true;
    this.#follow();
  }

  /** Lines that came, or changed. @param {Line[]} lines @param {boolean} whole nothing else is there */
  add(lines, whole) {
    if (whole) {
      const keys = new Set(lines.map((line) => line.key));
      for (const [key, element] of this.elements) if (!keys.has(key)) { element.remove(); this.elements.delete(key); }
    }
    for (const line of [...lines].sort((a, b) => a.start - b.start)) this.#put(line);
    this.#follow();
  }

  /** What is being said now. @param {{side: "ours" | "other" | null, speaker: string | null, text: string}[]} saying */
  showSaying(saying) {
    this.saying.replaceChildren(...saying.map((s) => this.#utterance(s, s.text)));
    this.#follow();
  }

  /** @param {Line} line */
  #put(line) {
    const fresh = line.kind === "said" ? this.#utterance(line, line.text ?? "", line.start) : this.#event(line);
    fresh.dataset.start = String(line.start);
    const old = this.elements.get(line.key);
    if (old?.textContent === fresh.textContent && old.className === fresh.className) return; // refilled: a screen reader said it already
    old?.remove();
    this.elements.set(line.key, fresh);
    let before = this.list.lastElementChild;
    while (before && Number(before.dataset.start) > line.start) before = before.previousElementSibling;
    if (before) before.after(fresh);
    else this.list.prepend(fresh);
  }

  /** @param {{side: "ours" | "other" | null, speaker: string | null}} who @param {string} text @param {number} [start] */
  #utterance(who, text, start) {
    return h("li", { class: `side ${who.side === "ours" ? "ours" : "theirs"}` },
      h("div", { class: "side-head" }, h("strong", {}, who.speaker ?? "通話"), start === undefined ? null : h("span", { class: "time" }, clock(start))),
      h("p", { class: "said" }, text));
  }

  /** @param {Line} line */
  #event(line) {
    const what = line.kind === "lost" ? lost(line.lasts ?? 0) : HAPPENED[line.kind] ?? "";
    const told = line.kind === "changed" && line.speaker ? `${line.speaker}に代わりました` : `${line.speaker ? `${line.speaker}：` : ""}${what}`;
    return h("li", { class: "happened" }, `${clock(line.start)}　${told}`);
  }

  #scrolled() {
    this.following = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_END_PX;
    byId("latest").hidden = this.following;
  }

  #follow() {
    if (this.following) this.box.scrollTop = this.box.scrollHeight;
    byId("latest").hidden = this.following;
  }
}
