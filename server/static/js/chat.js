/** The chat page: what was typed, spoken or chosen -> a question to the server -> an answer in the log. */

import { ApiError, post, request } from "./api.js";
import { answerCard } from "./answer.js";
import { Composer } from "./composer.js";
import { confirmed } from "./confirm.js";
import { Conversation } from "./conversation.js";
import { byId, h, icon, scrolling } from "./dom.js";
import { loginLink } from "./failure.js";
import { Reader } from "./reader.js";
import { Topics } from "./topics.js";

const root = byId("chat");
const log = byId("log");
const staff = root.dataset.audience === "staff";
const conversation = new Conversation(root.dataset.audience);
const reader = new Reader();
let busy = false;
let asking = new AbortController(); // until the conversation is cleared: nobody waits for the answer then
const NOTHING_SAID = "短すぎて聞き取れませんでした。もう一度お話しください。話し終わってから、ボタンを押してください。";
const BUSY = "前の質問の回答を待っています。回答が出てから、もう一度送ってください。";

const composer = new Composer({
  onText: (text) => ask(text),
  onVoice: (recording) => askAloud(recording),
  onListen: () => reader.stop(), // it would be heard as the question
  onDraft: (text) => { conversation.draft = text; conversation.keep(); },
  maxChars: Number(root.dataset.maxChars),
  maxVoiceS: Number(root.dataset.maxVoiceS),
});

/** @param {import("./conversation.js").Turn} turn @returns {HTMLElement} */
function rendered(turn) {
  if (turn.kind === "question") return question(turn.text, turn.spoken);
  if (turn.kind === "failure") return failure(turn);
  const card = answerCard(turn.answer, { staff, reader, onChoose: choose });
  return h("div", { class: "turn city" }, h("span", { class: "unseen" }, "回答："), card);
}

/** @param {string} text @param {boolean} spoken */
function question(text, spoken) {
  const fix = h("button", { type: "button", class: "button quiet small", onclick: () => composer.put(text) }, icon("edit"), "聞き間違いを直す");
  return h("div", { class: "turn resident" },
    h("p", { class: "bubble" }, h("span", { class: "unseen" }, "あなたの質問："), spoken ? icon("mic") : null, text), spoken ? fix : null);
}

/** @param {import("./conversation.js").Failure} turn */
function failure(turn) {
  const retry = () => { if (ask(turn.question, true, turn.entry_id)) forget(turn, element); };
  const login = turn.status === 401;
  const element = h("div", { class: "turn city" }, h("div", { class: "notice bad" }, icon("alert"), h("div", {},
    h("p", {}, turn.message),
    login ? loginLink() : null,
    turn.question && !login ? h("button", { type: "button", class: "button small", onclick: retry }, icon("retry"), "もう一度送る") : null)));
  return element;
}

/** @param {import("./conversation.js").Turn} turn @param {HTMLElement} element */
function forget(turn, element) {
  conversation.drop(turn);
  element.remove();
}

/** @param {import("./conversation.js").Turn} turn */
function say(turn) {
  conversation.add(turn);
  const element = rendered(turn);
  log.append(element);
  refresh();
  return element;
}

/** @param {string} words @param {boolean} [mine] */
function waiting(words, mine = false) {
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const element = h("div", { class: mine ? "turn resident" : "turn city" }, h("p", { class: mine ? "bubble" : "card" }, h("span", { class: "wait" }, dots, words)));
  log.append(element);
  refresh();
  element.scrollIntoView({ block: "end", behavior: scrolling() });
  return element;
}

/** @param {import("./topics.js").Choice} choice */
function choose(choice) {
  return ask(choice.question, false, choice.entry_id);
}

/** @param {string} text @param {boolean} [again] the question already stands in the log @param {string} [entryId] of the choice */
function ask(text, again = false, entryId = undefined) {
  if (busy) {
    composer.complain(BUSY);
    return false;
  }
  closeTopics();
  reader.stop();
  const asked = again ? null : say({ kind: "question", text, spoken: false });
  exchange(text, entryId, asked);
  return true;
}

/** @param {string} text @param {string | undefined} entryId @param {HTMLElement | null} asked */
async function exchange(text, entryId, asked) {
  busy = true;
  const { signal } = asking;
  const wait = waiting("お調べしています…");
  try {
    const reply = await post(root.dataset.ask, { text, session: conversation.session ?? undefined, entry_id: entryId }, signal);
    take(await reply.json(), wait, asked);
  } catch (error) {
    wait.remove();
    if (signal.aborted) return;
    const e = /** @type {ApiError} */ (error);
    say({ kind: "failure", message: e.message, question: text, entry_id: entryId, status: e.status ?? 0 }).scrollIntoView({ block: "nearest", behavior: scrolling() });
  } finally {
    busy = false;
  }
}

/** @param {import("./answer.js").Answer} answer @param {HTMLElement} wait @param {HTMLElement | null} asked */
function take(answer, wait, asked) {
  conversation.session = answer.session ?? conversation.session;
  composer.complain("");
  wait.remove();
  const element = say({ kind: "answer", answer });
  (asked ?? element).scrollIntoView({ block: "start", behavior: scrolling() });
}

/** @param {Blob} recording */
async function askAloud(recording) {
  if (busy) {
    unheard(new ApiError(BUSY, "busy", 0), recording);
    return;
  }
  busy = true;
  reader.stop();
  const { signal } = asking;
  const wait = waiting("文字にしています…", true);
  const form = new FormData();
  form.append("audio", recording, `question.${recording.type.includes("mp4") ? "mp4" : recording.type.includes("ogg") ? "ogg" : "webm"}`);
  if (conversation.session) form.append("session", conversation.session);
  try {
    const answer = await (await request(root.dataset.askAudio, { method: "POST", body: form, signal })).json();
    wait.remove();
    const asked = say({ kind: "question", text: answer.transcript, spoken: true });
    take(answer, wait, asked);
  } catch (error) {
    wait.remove();
    if (!signal.aborted) unheard(/** @type {ApiError} */ (error), recording);
  } finally {
    busy = false;
  }
}

/** The recording is not kept over a reload, so this turn isn't either. @param {ApiError} error @param {Blob} recording */
function unheard(error, recording) {
  const resend = () => { element.remove(); askAloud(recording); };
  const speak = () => { element.remove(); composer.listen(); };
  const sendable = error.status === 0 || error.status >= 500;
  const element = h("div", { class: "turn city" }, h("div", { class: "notice bad" }, icon("alert"), h("div", {},
    h("p", {}, error.code === "unreadable_media" ? NOTHING_SAID : error.message), // of a file; who speaks has none
    h("div", { class: "row" },
      sendable ? h("button", { type: "button", class: "button small", onclick: resend }, icon("retry"), "もう一度送る") : null,
      h("button", { type: "button", class: "button small", onclick: speak }, icon("mic"), "もう一度話す")))));
  log.append(element);
  refresh();
  element.scrollIntoView({ block: "nearest", behavior: scrolling() });
}

function refresh() {
  const begun = log.childElementCount > 0;
  byId("log-end").hidden = !begun;
  const welcome = byId("welcome");
  if (welcome) welcome.hidden = begun;
  const open = byId("open-topics");
  if (open) open.hidden = !begun;
  byId("voice")?.classList.toggle("only", !open || !begun);
}

byId("clear").addEventListener("click", async () => {
  if (!(await confirmed("会話を消しますか", "この画面の質問と回答がすべて消えます。元には戻せません。", "会話を消す"))) return;
  asking.abort();
  asking = new AbortController();
  reader.stop();
  conversation.clear();
  log.replaceChildren();
  refresh();
  composer.put("");
});

/** @type {HTMLDialogElement | null} */
const dialog = byId("topics-dialog");
function closeTopics() {
  if (dialog?.open) dialog.close();
}

if (byId("topics")) byId("topics").append(new Topics(choose).element);
if (dialog) {
  /** @type {Topics | null} */
  let topics = null;
  byId("open-topics").addEventListener("click", () => {
    if (!topics) byId("dialog-topics").append((topics = new Topics(choose)).element);
    else topics.all();
    dialog.showModal();
  });
  byId("close-topics").addEventListener("click", closeTopics);
}

log.append(...conversation.turns.map(rendered));
refresh();
composer.put(composer.input.value || conversation.draft, false); // on a slow line somebody typed before this script had come
if (log.lastElementChild) log.lastElementChild.scrollIntoView({ block: "nearest" });
root.dataset.ready = "true";
