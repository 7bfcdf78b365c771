/** Lines of speech with times, whatever they look like: a click plays from there, and the one being heard is marked. */

import { byId, h, scrolling } from "./dom.js";
import { clock } from "./time.js";

export const UNSURE_BELOW = 0.5; // confidence of what should be listened to
const HANDS_OFF_MS = 4000;
const GROUP = 50;
const STOPS = [".at", ".word[tabindex='0']", ".edit"]; // of the Tab key in an utterance

/**
 * @typedef {{number: number, start: number, end: number, text: string, speaker: string | null, channel: number | null, confidence: number | null, side?: string,
 *            timed?: boolean, words?: import("./words.js").Word[], changes?: import("./words.js").Change[]}} Segment
 */

/** @param {Segment} segment */
export function unsure(segment) {
  if (segment.changes?.some((c) => c.reasons.includes("corrected") && !c.undone)) return false; // somebody has listened to it
  return segment.confidence !== null && segment.confidence !== undefined && segment.confidence < UNSURE_BELOW;
}

/** @param {Segment} segment */
export function unsureMark(segment) {
  return unsure(segment) ? h("span", { class: "chip yuzu" }, "要確認") : null;
}

/** @param {Segment} segment */
export function timeButton(segment) {
  return h("button", { type: "button", class: "at", "aria-label": `${clock(segment.start)}から再生` }, clock(segment.start));
}

/** Rows in groups: a browser lays out those in sight alone, where each key that is pressed would wait for three hours of words. @param {HTMLElement[]} rows */
export function groups(rows) {
  const starts = Array.from({ length: Math.ceil(rows.length / GROUP) }, (_, i) => i * GROUP);
  return starts.map((at) => {
    const mine = rows.slice(at, at + GROUP);
    const group = h("div", { class: "line-group" }, ...mine);
    group.style.setProperty("--rows", String(mine.length)); // until it is laid out, it is as high as so many rows
    return group;
  });
}

export class Lines {
  /** @param {(seconds: number) => void} onPlay */
  constructor(onPlay) {
    this.onPlay = onPlay;
    /** @type {Segment[]} */
    this.segments = [];
    /** @type {HTMLElement[]} */
    this.elements = [];
    this.current = -1;
    this.touched = 0;
    byId("lines").addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => this.#key(e));
    byId("lines").addEventListener("click", (/** @type {Event} */ e) => {
      const segment = this.segments[this.#has(e.target)];
      if (segment && !getSelection()?.toString()) this.onPlay(segment.start);
    });
    for (const name of ["wheel", "touchmove"]) addEventListener(name, () => { this.touched = Date.now(); }, { passive: true });
  }

  /** Take these in the place of what was there. @param {Segment[]} segments @param {HTMLElement[]} elements one for each segment */
  show(segments, elements) {
    this.segments = segments;
    this.elements = elements;
    this.current = -1;
  }

  /** Up and down go on to the neighbour of an utterance, where a word or a button of it has the focus. @param {KeyboardEvent} e */
  #key(e) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[e.key];
    const target = /** @type {HTMLElement} */ (e.target);
    const kind = STOPS.find((stop) => target.matches(stop));
    if (!step || !kind || e.ctrlKey || e.altKey || e.metaKey || e.shiftKey) return;
    const next = this.elements[this.#has(target) + step];
    const stop = /** @type {HTMLElement | null | undefined} */ (next?.querySelector(kind) ?? next?.querySelector("textarea, .edit"));
    if (!stop) return;
    e.preventDefault();
    next.scrollIntoView({ block: "nearest" });
    stop.focus({ preventScroll: true });
  }

  /** @param {EventTarget | null} target @returns {number} the place of the line that it is in */
  #has(target) {
    return this.elements.findIndex((element) => element.contains(/** @type {Node | null} */ (target)));
  }

  /** @param {number} now seconds */
  mark(now) {
    const found = this.#at(now);
    if (found === this.current) return;
    this.#set(this.current, false);
    this.#set(found, true);
    this.current = found;
    const still = Date.now() - this.touched > HANDS_OFF_MS;
    if (found >= 0 && now > 0 && byId("follow").checked && still) this.elements[found].scrollIntoView({ block: "nearest", behavior: scrolling() });
  }

  /** The last segment that has begun. Sides of a call overlap, so its end does not matter. @param {number} now */
  #at(now) {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.segments[middle].start <= now + 0.05) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** @param {number} i @param {boolean} on */
  #set(i, on) {
    this.elements[i]?.classList.toggle("now", on);
    if (on) this.elements[i]?.setAttribute("aria-current", "true");
    else this.elements[i]?.removeAttribute("aria-current");
  }
}
