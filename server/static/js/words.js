/** The words of a line: each plays from its time, and one that was changed says what was heard. */

import { h } from "./dom.js";
import { openChange } from "./change.js";
import { UNSURE_BELOW } from "./lines.js";

const SAID = /[\p{L}\p{N}]/u; // a mark is not heard

/** @typedef {[number, string, number | null, number | null]} Word when it begins, what it says, how sure that is, and its change */
/** @typedef {{heard: string, written: string, reasons: string[], undone: boolean}} Change */
/** @typedef {{play: (seconds: number) => void, decide: (change: number, undone: boolean) => Promise<void>}} Hands */

/**
 * The paragraph of a segment's text. One word of it is a stop of the Tab key; the arrow keys go on from there.
 * @param {import("./lines.js").Segment} segment @param {Hands} hands @param {...(Node | null)} more behind the text
 */
export function said(segment, hands, ...more) {
  /** @type {Word[]} */
  const words = segment.words ?? [[segment.start, segment.text, null, null]];
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
  if (elements.length) setStop(elements[0]);
  return paragraph;
}

/** @param {Word} word @param {import("./lines.js").Segment} segment */
function element([, text, confidence, at], segment) {
  const change = at === null ? null : segment.changes?.[at];
  const classes = ["word"];
  const corrected = change?.reasons.includes("corrected") && !change.undone;
  if (segment.timed && !corrected && SAID.test(text) && confidence !== null && confidence < UNSURE_BELOW) classes.push("unsure-word");
  if (!change) return h("span", { class: classes.join(" ") }, text);
  classes.push(change.undone ? "undone" : "changed");
  if (!text) classes.push("out");
  if (change.reasons.every((r) => r === "punctuation")) classes.push("mark");
  const label = text ? null : `除いた言葉「${change.heard}」`;
  return h("span", { class: classes.join(" "), role: "button", tabindex: -1, "data-change": at, "aria-expanded": "false", "aria-label": label }, text);
}

/** @param {Word} word @param {HTMLElement} at @param {import("./lines.js").Segment} segment @param {Hands} hands */
function act([start, , , k], at, segment, hands) {
  const change = k === null ? null : segment.changes?.[k];
  if (change) openChange(at, change, { play: () => hands.play(start), decide: (undone) => hands.decide(/** @type {number} */ (k), undone) });
  else hands.play(start);
}

/** Go to a word of a segment. @param {HTMLElement} word @param {import("./lines.js").Segment} segment @returns {number} when it begins */
export function focusOn(word, segment) {
  const elements = [...(word.parentElement?.querySelectorAll(".word") ?? [])];
  setStop(word);
  word.focus();
  return segment.words?.[elements.indexOf(word)]?.[0] ?? segment.start;
}

/** Have the Tab key stop at this word of its paragraph, and at no other. @param {HTMLElement} word */
function setStop(word) {
  const last = /** @type {HTMLElement | null | undefined} */ (word.parentElement?.querySelector("[tabindex='0']"));
  if (last && last.dataset.change !== undefined) last.setAttribute("tabindex", "-1");
  else if (last) for (const name of ["tabindex", "role"]) last.removeAttribute(name);
  word.setAttribute("tabindex", "0");
  word.setAttribute("role", "button");
}

/** @param {KeyboardEvent} e @param {HTMLElement[]} elements @param {(i: number) => void} use */
function key(e, elements, use) {
  const i = elements.indexOf(/** @type {HTMLElement} */ (e.target));
  if (i < 0 || e.ctrlKey || e.altKey || e.metaKey) return;
  const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: elements.length - 1 }[e.key];
  if (e.key === "Enter" || e.key === " ") use(i);
  else if (to !== undefined && elements[to]) {
    setStop(elements[to]);
    elements[to].focus();
  } else if (to === undefined) return;
  e.preventDefault();
}
