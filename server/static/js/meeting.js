/** One meeting: who said what, when. */

import { byId, h } from "./dom.js";
import { Gist, KINDS } from "./gist.js";
import { showHead } from "./head.js";
import { groups, timeButton, unsure, unsureMark } from "./lines.js";
import { head, showRecording } from "./recording.js";
import { showSpeakers } from "./speakers.js";
import { fillSubject } from "./subject.js";
import { dayText, lengthText } from "./time.js";

const VOICES = 5;
/** @type {Gist | null} */
let gist = null;
const url = `/api/staff/minutes/${byId("recording").dataset.id}`;

/**
 * @param {import("./lines.js").Segment[]} segments @param {HTMLElement} box @param {import("./recording.js").Said} said
 * @param {() => void} redraw
 */
function draw(segments, box, said, redraw) {
  const names = /** @type {string[]} */ ([...new Set(segments.map((s) => s.speaker).filter(Boolean))]);
  showSpeakers(url, names, (old, fresh) => {
    for (const segment of segments) if (segment.speaker === old) segment.speaker = fresh;
    redraw();
  });
  byId("names").replaceChildren(...names.map((name) => h("option", { value: name })));
  /** @type {HTMLElement[]} */
  const elements = [];
  let last = /** @type {string | null | undefined} */ (undefined);
  const rows = [];
  for (const segment of segments) {
    if (names.length && segment.speaker !== last) {
      const voice = segment.speaker ? names.indexOf(segment.speaker) : VOICES;
      rows.push(h("h3", { class: "speaker", "data-voice": voice < VOICES ? voice + 1 : 0 }, h("i", { "aria-hidden": "true" }), segment.speaker ?? "話者不明"));
    }
    last = segment.speaker;
    const line = h("div", { class: unsure(segment) ? "line unsure" : "line" }, timeButton(segment), h("div", {}, said(segment, unsureMark(segment))));
    elements.push(line);
    rows.push(line);
  }
  box.replaceChildren(...groups(rows));
  return elements;
}

const options = {
  url,
  /** @param {any} m @returns {import("./lines.js").Segment[]} */
  segments: (m) => m.segments ?? [],
  /** @param {any} m */
  title: (m) => m.title || m.file_name,
  /** @param {any} m */
  facts: (m) => {
    fillSubject(url, m, (fresh) => head(options, fresh));
    return [m.held_on ? dayText(m.held_on) : "", lengthText(m.duration_s), m.file_name].filter(Boolean).map((f) => h("span", {}, f));
  },
  draw,
  ready: (/** @type {(seconds: number) => void} */ play) => { gist = new Gist(url, play); },
  changed: () => gist?.refresh(),
  notes: { kinds: KINDS, note: async (/** @type {any} */ kind, /** @type {number} */ number) => gist?.note(kind, number) ?? "" },
};
showHead(url);
showRecording(options);
