/** The calls that go on, and one of them as it is spoken, with what the knowledge base says of what is asked. */

import { json } from "./api.js";
import { sourceName } from "./citation.js";
import { Dialogue } from "./dialogue.js";
import { byId, h, icon, scrolling } from "./dom.js";
import { loginLink } from "./failure.js";
import { ReadingAlong } from "./reading-along.js";
import { clock, timeText } from "./time.js";

const LIVE = "/api/staff/calls/live";
const CALL = /^#([\w-]{1,64})$/;
const HEARD = "文字にしています。";
/** @type {Record<string, string>} */
const NOT_HEARD = {
  waiting: "文字起こしは順番を待っています（録音は続いています）",
  off: "通話中の文字起こしは、止めてあります（録音は続いています）",
};

const dialogue = new Dialogue();
/** @type {import("./reading-along.js").Call[]} */
let calls = [];
/** @type {any} what is known of the call that is read */
let read = null;
/** @type {string | null} why nobody can say which calls go on */
let wrong = null;
let broken = false;
let toBeShown = false; // what was chosen by hand comes into view, where the list is long
let aheadMs = 0; // of the reader's clock, before the server's

/** @param {import("./reading-along.js").Call} call @param {string | null} [until] */
function lasts(call, until) {
  const end = until ? new Date(until).getTime() : Date.now() - aheadMs;
  return clock((end - new Date(call.began_at).getTime()) / 1000);
}

/** @param {string} name @param {string} number */
const party = (name, number) => (number ? `${name}（${number}）` : name);

/** @param {import("./reading-along.js").Call} call */
function title(call) {
  return `${party(call.other_name, call.other_number)} と ${party(call.our_name, call.our_number)}`;
}

/** @param {string} text */
function tell(text) {
  if (byId("told").textContent !== text) byId("told").textContent = text; // else it would be read out again
}

function drawCalls() {
  const focused = document.activeElement?.id;
  byId("calls").replaceChildren(...calls.map((c) =>
    h("li", {}, h("button", { type: "button", id: `call-${c.id}`, class: "card going", "aria-current": c.id === live.watched ? "true" : null, onclick: () => choose(c.id, true) },
      h("strong", {}, party(c.other_name, c.other_number)),
      h("span", { class: "facts" },
        h("span", {}, party(c.our_name, c.our_number)), h("span", {}, `${timeText(c.began_at)}から`), h("span", { "data-lasts": c.id }, lasts(c)),
        c.held ? h("span", { class: "chip yuzu" }, "保留中") : null, c.hearing === "waiting" ? h("span", { class: "chip plain" }, "文字起こし待ち") : null)))));
  byId("none").hidden = calls.length > 0 || Boolean(wrong);
  if (focused?.startsWith("call-") && document.activeElement === document.body) byId(focused)?.focus();
}

/** @param {string} id @param {boolean} [byHand] */
function choose(id, byHand = false) {
  if (id === live.watched) return;
  toBeShown = byHand;
  history.replaceState(null, "", `#${id}`);
  read = null;
  dialogue.clear();
  byId("offer").hidden = true;
  byId("reading").hidden = true;
  byId("gone").hidden = true;
  live.watch(id);
  drawCalls();
}

/** Back to the list: what was read is no call any more, and has no record. */
function leave() {
  const which = read ? `${title(read.call)} の通話は、記録に残りません` : "その通話は続いておらず、記録もありません";
  byId("gone").textContent = `${which}（音声が届かなかったか、録音しない番号との通話か、消されたものです）。`;
  byId("gone").hidden = false;
  live.leave();
  history.replaceState(null, "", location.pathname);
  read = null;
  byId("reading").hidden = true;
  byId("offer").hidden = true;
  drawCalls();
}

function drawState() {
  if (broken || !read) return;
  const { call, ended_at: ended, recorded, behind_s: behind, wrong } = read;
  byId("reading-began").textContent = `${timeText(call.began_at)}から`;
  byId("reading-lasts").textContent = lasts(call, ended);
  byId("reading-held").hidden = !call.held || Boolean(ended);
  if (ended) tell("通話は終わりました。");
  else if (wrong) tell(`${wrong}（録音は続いています）`);
  else if (behind) tell(`文字起こしが約${behind}秒遅れています（録音は続いています）`);
  else tell(NOT_HEARD[call.hearing] ?? HEARD);
  showOver(Boolean(ended), recorded);
}

/** @param {boolean} over @param {boolean} recorded */
function showOver(over, recorded) {
  byId("over").hidden = !over;
  const link = h("a", { href: `/staff/calls/${live.watched}` }, "通話記録を開く");
  const shown = recorded ? link.textContent : "記録しています…";
  if (over && byId("over").textContent !== shown) byId("over").replaceChildren(recorded ? link : shown ?? "");
}

async function lost() {
  broken = true;
  tell("接続が切れました。つなぎ直しています…（表示した会話は残ります）");
  try {
    await json(LIVE);
  } catch (error) {
    if (/** @type {any} */ (error).status === 401) refused(/** @type {Error} */ (error).message);
  }
}

/** @param {string} message */
function refused(message) {
  live.over = true;
  byId("wrong").hidden = false;
  byId("wrong-text").replaceChildren(`${message} `, loginLink());
}

const live = new ReadingAlong(LIVE, {
  connected: () => { broken = false; },
  broken: lost,
  refused,
  now: ({ at }) => { aheadMs = Date.now() - new Date(at).getTime(); },
  calls: (message) => {
    const isFirst = !calls.length; // else who went back to the list chooses
    calls = message.calls;
    wrong = message.wrong;
    byId("wrong").hidden = !wrong;
    byId("wrong-text").textContent = wrong ?? "";
    if (!live.watched && isFirst && calls.length) choose(calls[0].id);
    drawCalls();
  },
  call: (message) => {
    read = message;
    byId("reading").hidden = false;
    byId("reading-title").textContent = title(message.call);
    dialogue.showSaying(message.saying);
    drawState();
    if (toBeShown && byId("said").getBoundingClientRect().top > innerHeight / 2) byId("reading").scrollIntoView({ behavior: scrolling() });
    toBeShown = false;
  },
  missing: ({ recorded }) => {
    if (!recorded) return leave();
    byId("reading").hidden = false;
    if (!read) byId("reading-title").textContent = "通話";
    read = null; // it lasts no longer
    dialogue.showSaying([]);
    tell("通話は終わりました。");
    showOver(true, true);
  },
  lines: ({ lines, whole }) => dialogue.add(lines, whole),
  offer: ({ asked, answer }) => {
    byId("offer").hidden = !answer; // it was taken back
    if (answer) byId("offered").replaceChildren(
      h("p", { class: "asked" }, `「${asked}」`),
      h("p", { class: "answer-text" }, answer.answer),
      ...answer.citations.slice(0, 1).map((/** @type {any} */ c) => h("p", { class: "source-title" }, icon("source"), sourceName(c))));
  },
});

function chooseAsAddressed() {
  const id = CALL.exec(location.hash)?.[1];
  if (id) choose(id);
}

chooseAsAddressed();
addEventListener("hashchange", chooseAsAddressed);
setInterval(() => {
  for (const c of calls) {
    const shown = document.querySelector(`[data-lasts="${CSS.escape(c.id)}"]`);
    if (shown) shown.textContent = lasts(c);
  }
  drawState();
}, 1000);
