/** The page of one recording: waits while it is worked on, then shows what was said next to the player. */

import { json } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { Lines } from "./lines.js";
import { Player } from "./player.js";
import { progressBar, stateChip, working } from "./records.js";

const POLL_MS = 2000;

/**
 * @param {{url: string, segments: (record: any) => import("./lines.js").Segment[], title: (record: any) => string,
 *          facts: (record: any) => HTMLElement[],
 *          draw: (segments: import("./lines.js").Segment[], box: HTMLElement) => HTMLElement[]}} options
 */
export async function showRecording(options) {
  const status = byId("status");
  let record;
  try {
    record = await json(options.url);
  } catch (error) {
    const e = /** @type {import("./api.js").ApiError} */ (error);
    status.replaceChildren(h("div", { class: "notice bad" }, icon("alert"), h("p", {}, e.message)));
    if (e.status === 0 || e.status >= 500) setTimeout(() => showRecording(options), POLL_MS * 2);
    return;
  }
  const title = options.title(record);
  byId("record-title").textContent = title;
  document.title = document.title.replace(/^[^｜]*/, title);
  byId("facts").replaceChildren(...options.facts(record));
  status.replaceChildren(...progress(record, title));
  if (working(record)) await nextLook(() => showRecording(options));
  else if (record.state === "done") done(options, options.segments(record));
}

/** @param {any} record @param {string} title */
function progress(record, title) {
  if (record.state === "failed") {
    return [h("div", { class: "notice bad" }, icon("alert"), h("div", {}, h("p", {}, h("strong", {}, "文字にできませんでした。")), h("p", {}, record.message ?? "")))];
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

/** @param {Parameters<typeof showRecording>[0]} options @param {import("./lines.js").Segment[]} segments */
function done(options, segments) {
  byId("result").hidden = false;
  const box = byId("lines");
  if (!segments.length) {
    box.replaceChildren(h("p", { class: "empty" }, "話し声が見つかりませんでした。"));
  }
  const elements = segments.length ? options.draw(segments, box) : [];
  /** @type {Player} */
  let player;
  const lines = new Lines(segments, elements, (seconds) => player.playFrom(seconds));
  player = new Player(`${options.url}/audio`, (now) => lines.mark(now));
  const unsure = elements.filter((e) => e.classList.contains("unsure")).length;
  byId("unsure").hidden = unsure === 0;
  byId("unsure-count").textContent = `${unsure}か所`;
}
