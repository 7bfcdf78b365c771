/** One call: two sides in time order. */

import { byId, h } from "./dom.js";
import { timeButton, unsure, unsureMark } from "./lines.js";
import { showRecording } from "./recording.js";
import { clock, lengthText, momentText } from "./time.js";

/** @type {any} */
let call = {};

/** @param {import("./lines.js").Segment[]} segments @param {HTMLElement} box @param {import("./recording.js").Said} said */
function draw(segments, box, said) {
  const elements = segments.map((s) => {
    const mine = s.side === "ours";
    const name = s.speaker || (mine ? call.our_name : call.other_name);
    return h("li", { class: ["side", mine ? "ours" : "theirs", unsure(s) ? "unsure" : ""].join(" ").trim() },
      h("div", { class: "side-head" }, h("strong", {}, name), timeButton(s), unsureMark(s)), said(s));
  });
  const list = h("ol", { class: "dialogue" }, ...elements);
  for (const r of call.remarks ?? []) remark(r, list, segments, elements);
  box.replaceChildren(list);
  return elements;
}

/**
 * What happened stands before what was said next.
 * @param {{start: number, text: string, speaker: string | null}} r @param {HTMLElement} list
 * @param {import("./lines.js").Segment[]} segments @param {HTMLElement[]} elements
 */
function remark(r, list, segments, elements) {
  const whose = r.speaker ? `（${r.speaker}）` : "";
  const shown = h("li", { class: "happened" }, `${clock(r.start)}　${r.text}${whose}`);
  list.insertBefore(shown, elements[segments.findIndex((s) => s.start > r.start)] ?? null);
}

/**
 * Who spoke for a side, one after the other.
 * @param {{start: number, name: string}[] | undefined} people @param {string} last
 */
function inTurn(people, last) {
  if (!people || people.length < 2) return last;
  return people.map((p) => (p.start ? `${clock(p.start)}から ${p.name}` : p.name)).join("、");
}

/** @param {string} name @param {string} value */
function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value || "—"));
}

showRecording({
  url: `/api/staff/calls/${byId("recording").dataset.id}`,
  segments: (c) => { call = c; return c.dialogue ?? []; },
  line: (s) => { // whoever spoke on its channel then: after a transfer another than before
    const others = call.dialogue.filter((/** @type {any} */ other) => other.channel === s.channel);
    const far = (/** @type {any} */ other) => Math.abs(other.start - s.start);
    const { side, speaker } = others.reduce((/** @type {any} */ a, /** @type {any} */ b) => (far(b) < far(a) ? b : a));
    return { ...s, side, speaker };
  },
  title: (c) => `${c.our_name || "市役所"} と ${c.other_name || "相手の方"}`,
  facts: (c) => [
    fact("市役所側", inTurn(c.ours, c.our_name)), fact("相手の方", inTurn(c.others, c.other_name)), fact("電話番号", c.caller_number),
    fact("開始", momentText(c.started_at)), fact("長さ", lengthText(c.duration_s)), fact("ファイル", c.file_name ?? ""),
  ],
  draw,
  logged: true,
});
