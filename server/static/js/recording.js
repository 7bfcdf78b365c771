/** The page of one recording: waits while it is worked on, then shows what was said next to the player. */

import { json, post } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { failure } from "./failure.js";
import { Lines } from "./lines.js";
import { Player } from "./player.js";
import { progressBar, stateChip, working } from "./records.js";
import { said } from "./words.js";
import { chooseStyle, style } from "./writing.js";

const POLL_MS = 2000;

/** @typedef {import("./lines.js").Segment} Segment */
/** @typedef {(segment: Segment, ...more: (Node | null)[]) => HTMLElement} Said the paragraph of what a segment says */
/**
 * @typedef {{url: string, segments: (record: any) => Segment[], title: (record: any) => string, facts: (record: any) => HTMLElement[],
 *            draw: (segments: Segment[], box: HTMLElement, said: Said, redraw: () => void) => HTMLElement[]}} Options
 */

/** @param {Options} options */
export async function showRecording(options) {
  const status = byId("status");
  let record;
  try {
    record = await json(`${options.url}${location.search}`);
  } catch (error) {
    const e = /** @type {import("./api.js").ApiError} */ (error);
    status.replaceChildren(h("div", { class: "notice bad" }, ...failure(e)));
    if (e.status === 0 || e.status >= 500) setTimeout(() => showRecording(options), POLL_MS * 2);
    return;
  }
  const title = options.title(record);
  byId("record-title").textContent = title;
  document.title = document.title.replace(/^[^｜]*/, title);
  byId("facts").replaceChildren(...options.facts(record));
  status.replaceChildren(...progress(record, title, `${options.url}/audio`));
  if (working(record)) await nextLook(() => showRecording(options));
  else if (record.state === "done") done(options, options.segments(record));
}

/** @param {any} record @param {string} title @param {string} audio the recording's address */
function progress(record, title, audio) {
  if (record.state === "failed") {
    return [h("div", { class: "notice bad" }, icon("alert"), h("div", {}, h("p", {}, h("strong", {}, "文字にできませんでした。")), h("p", {}, record.message ?? ""),
      h("p", {}, h("a", { class: "button small", href: audio, download: "" }, icon("download"), "録音を保存する"))))];
  }
  if (!working(record)) return [];
  return [h("div", { class: "card sending" }, h("div", { class: "row" }, stateChip(record)), progressBar(record, title),
    h("p", { class: "hint" }, "この画面を閉じても、作業は続きます。"))];
}

/** @param {() => void} look */
async function nextLook(look) {
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  if (document.hidden) document.addEventListener("visibilitychange", look, { once: true });
  else look();
}

/** @param {Options} options @param {Segment[]} segments */
function done(options, segments) {
  byId("result").hidden = false;
  /** @type {Player} */
  let player;
  const lines = new Lines((seconds) => player.playFrom(seconds));
  player = new Player(`${options.url}/audio`, (now) => lines.mark(now));
  const play = (/** @type {number} */ seconds) => player.playFrom(seconds);
  show(options, segments, lines, play);
  let latest = 0;
  chooseStyle(async () => {
    const mine = ++latest;
    const wrong = byId("style-wrong");
    try {
      const record = await json(`${options.url}?${style()}`);
      if (mine !== latest) return;
      wrong.hidden = true;
      show(options, options.segments(record), lines, play);
    } catch (error) {
      wrong.replaceChildren(icon("alert"), /** @type {Error} */ (error).message);
      wrong.hidden = false;
    }
  });
}

/** @param {Options} options @param {Segment[]} segments @param {Lines} lines @param {(seconds: number) => void} play */
function show(options, segments, lines, play) {
  const box = byId("lines");
  if (!segments.length) box.replaceChildren(h("p", { class: "empty" }, "話し声が見つかりませんでした。"));
  /** @type {Said} */
  const write = (segment, ...more) => {
    const n = segments.indexOf(segment);
    const decide = async (/** @type {number} */ k, /** @type {boolean} */ undone) => {
      const { heard, text, words, changes } = await (await post(`${options.url}/segments/${n}/changes/${k}?${style()}`, { undone })).json();
      Object.assign(segment, { heard, text, words, changes });
      const fresh = write(segment, ...more);
      paragraph.parentElement?.querySelector(".change")?.remove();
      paragraph.replaceWith(fresh);
      /** @type {HTMLElement | null} */ (fresh.querySelector(`[data-change="${k}"]`) ?? fresh.querySelector("[tabindex='0']"))?.focus();
    };
    const paragraph = said(segment, { play, decide }, ...more);
    return paragraph;
  };
  const elements = segments.length ? options.draw(segments, box, write, () => show(options, segments, lines, play)) : [];
  lines.show(segments, elements);
  const unsure = box.querySelectorAll(".chip.yuzu").length;
  byId("unsure").hidden = unsure === 0;
  byId("unsure-count").textContent = `${unsure}か所`;
  byId("legend-changed").hidden = !box.querySelector(".changed, .undone");
  byId("legend-out").hidden = !box.querySelector(".out");
  byId("legend-unsure").hidden = !box.querySelector(".unsure-word");
}
