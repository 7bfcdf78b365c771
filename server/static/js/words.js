/** The words of a line: each plays from its time, and one that was changed says what was heard. */

import { h } from "./dom.js";
import { openChange } from "./change.js";
import { UNSURE_BELOW } from "./lines.js";

const SAID = /[\p{L}\p{N}]/u; // a mark is not heard

/** @typedef {{start: number, end: number, text: string, confidence: number | null, change: number | null}} Word */
/** @typedef {{heard: string, written: string, reasons: string[], undone: boolean}} Change */
/** @typedef {{play: (seconds: number) => void, decide: (change: number, undone: boolean) => Promise<void>}} Hands */

/**
 * The paragraph of a segment's text. One word of it is a stop of the Tab key; the arrow keys go on from there.
 * @param {import("./lines.js").Segment} segment @param {Hands} hands @param {...(Node | null)} more behind the text
 */
export function said(segment, hands, ...more) {
  const words = segment.words ?? [{ start: segment.start, end: segment.end, text: segment.text, confidence: null, change: null }];
  const elements = words.map((word) => element(word, segment));
  const paragraph = h("p", { class: "said" }, ...elements, segment.text ? null : h("span", { class: "hint" }, "（言いよどみだけの発言です）"), ...more);
  const use = (/** @type {number} */ i) => act(words[i], elements[i], segment, hands);
  paragraph.addEventListener("click", (e) => {
    const i = elements.indexOf(/** @type {HTMLElement} */ (e.target));
    if (i < 0 || getSelection()?.toString()) return;
    e.stopPropagation();
    use(i);
  });
  paragraph.addEventListener("keydown", (e) => key(e, elements, use));
  if (elements.length) stopAt(elements, 0);
  return paragraph;
}

/** @param {Word} word @param {import("./lines.js").Segment} segment */
function element(word, segment) {
  const change = word.change === null ? null : segment.changes?.[word.change];
  const classes = ["word"];
  const corrected = change?.reasons.includes("corrected") && !change.undone;
  if (segment.timed && !corrected && SAID.test(word.text) && word.confidence !== null && word.confidence < UNSURE_BELOW) classes.push("unsure-word");
  if (!change) return h("span", { class: classes.join(" "), "data-start": word.start }, word.text);
  classes.push(change.undone ? "undone" : "changed");
  if (!word.text) classes.push("out");
  if (change.reasons.every((r) => r === "punctuation")) classes.push("mark");
  const label = word.text ? null : `除いた言葉「${change.heard}」`;
  return h("span", { class: classes.join(" "), role: "button", tabindex: -1, "data-start": word.start, "data-change": word.change, "aria-expanded": "false", "aria-label": label }, word.text);
}

/** @param {Word} word @param {HTMLElement} at @param {import("./lines.js").Segment} segment @param {Hands} hands */
function act(word, at, segment, hands) {
  const change = word.change === null ? null : segment.changes?.[word.change];
  if (change) openChange(at, change, { play: () => hands.play(word.start), decide: (undone) => hands.decide(/** @type {number} */ (word.change), undone) });
  else hands.play(word.start);
}

/** Go to a word. @param {HTMLElement} word */
export function focusOn(word) {
  const elements = /** @type {HTMLElement[]} */ ([...(word.parentElement?.querySelectorAll(".word") ?? [])]);
  stopAt(elements, elements.indexOf(word));
  word.focus();
}

/** @param {HTMLElement[]} elements @param {number} i */
function stopAt(elements, i) {
  elements.forEach((e, at) => {
    if (at === i) {
      e.setAttribute("tabindex", "0");
      e.setAttribute("role", "button");
    } else if (e.dataset.change === undefined) {
      e.removeAttribute("tabindex");
      e.removeAttribute("role");
    } else e.setAttribute("tabindex", "-1");
  });
}

/** @param {KeyboardEvent} e @param {HTMLElement[]} elements @param {(i: number) => void} use */
function key(e, elements, use) {
  const i = elements.indexOf(/** @type {HTMLElement} */ (e.target));
  if (i < 0 || e.ctrlKey || e.altKey || e.metaKey) return;
  const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: elements.length - 1 }[e.key];
  if (e.key === "Enter" || e.key === " ") use(i);
  else if (to !== undefined && elements[to]) {
    stopAt(elements, to);
    elements[to].focus();
  } else if (to === undefined) return;
  e.preventDefault();
}
