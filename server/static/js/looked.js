/** How much has been looked through: utterances that were heard to their end, or corrected, by whoever. */

import { json, post } from "./api.js";
import { byId } from "./dom.js";

const SEND_MS = 2000;
const STEP_S = 2; // what is played on its own goes on by less between two looks, however fast
const EDGE_S = 0.5;

/** @typedef {import("./lines.js").Segment} Segment */

export class Looked {
  /** @param {string} url @param {(segment: Segment) => void} goTo */
  constructor(url, goTo) {
    this.url = `${url}/looked`;
    /** @type {Set<number>} */
    this.numbers = new Set();
    /** @type {Set<number>} */
    this.unsent = new Set();
    /** @type {Segment[]} */
    this.segments = [];
    /** @type {HTMLElement[]} */
    this.elements = [];
    this.from = 0;
    this.last = -1;
    byId("go-on").addEventListener("click", () => { const next = this.#next(); if (next) goTo(next); });
    this.#read();
  }

  async #read() {
    const read = await json(this.url).catch(() => null);
    if (read) this.numbers = new Set([...read.segments, ...this.unsent]);
    this.draw();
  }

  /** @param {Segment[]} segments @param {HTMLElement[]} elements one for each */
  show(segments, elements) {
    const numbers = new Set(segments.map((s) => s.number));
    const gone = this.segments.some((s) => !numbers.has(s.number));
    this.segments = segments;
    this.elements = elements;
    if (gone) { // joined with another: whether that one was heard now is for the server to say
      this.unsent.clear();
      this.numbers.clear();
      this.#read();
    }
    this.draw();
  }

  /** What plays: an utterance that was played from its beginning to its end was heard. @param {number} now @param {number} current its place in the list */
  hear(now, current) {
    if (now < this.last || now - this.last > STEP_S) this.from = now;
    this.last = now;
    for (const segment of this.segments.slice(Math.max(0, current - 1), current + 1)) {
      if (this.from <= segment.start + EDGE_S && now >= segment.end - EDGE_S) this.add(segment.number);
    }
  }

  /** @param {number} number */
  add(number) {
    if (this.numbers.has(number)) return;
    this.numbers.add(number);
    this.unsent.add(number);
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#send(), SEND_MS);
  }

  async #send() {
    const segments = [...this.unsent];
    await post(this.url, { segments }).then(() => { for (const n of segments) this.unsent.delete(n); }, () => undefined); // goes with the next
  }

  #next() {
    return this.segments.find((s) => !this.numbers.has(s.number));
  }

  draw() {
    const done = this.segments.filter((s, i) => {
      const has = this.numbers.has(s.number);
      this.elements[i]?.classList.toggle("looked", has);
      return has;
    }).length;
    const all = this.segments.length;
    byId("looked").hidden = all === 0;
    byId("looked-count").textContent = `${all}のうち${done}の発言を確認`;
    byId("looked-bar").max = Math.max(1, all);
    byId("looked-bar").value = done;
    byId("go-on").hidden = done === all;
  }
}
