/** An answer as a card: its text, reading aloud, easy Japanese, sources, the counter, and what else may have been meant. */

import { source, sources, TABLE } from "./citation.js";
import { contactCard } from "./contact.js";
import { h, icon } from "./dom.js";
import { passage } from "./passage.js";

/**
 * @typedef {{band: "answer" | "clarify" | "handoff", act: string, answer: string, confidence: number, speech: string | null,
 *            easy: string | null, english?: string | null, foreign?: { lang: string, text: string }[], citations: import("./citation.js").Citation[],
 *            beside: {text: string, citation: import("./citation.js").Citation}[],
 *            suggestions: {entry_id: string, question: string}[], contact: import("./contact.js").Contact | null,
 *            session?: string, transcript?: string}} Answer
 * @typedef {{staff: boolean, reader: import("./reader.js").Reader | null, onChoose: (choice: import("./topics.js").Choice) => void}} AnswerOptions
 */

const DOCUMENT = /^doc:/;

/** @param {Answer} answer @returns {[string, string] | null} icon and words over the text */
function heading(answer) {
  if (answer.act === "emergency") return ["disaster", "緊急のときは、すぐにお電話ください"];
  if (answer.band === "handoff" && answer.contact) return ["people", "窓口のご案内"];
  return answer.citations?.length ? told(answer.citations.map((c) => c.entry_id)) : null;
}

/** What is true of the sources: entries were approved one by one, documents and tables were registered as they are. @param {string[]} ids @returns {[string, string]} */
function told(ids) {
  if (!ids.some((id) => DOCUMENT.test(id) || TABLE.test(id))) return ["check", "職員が承認した回答"];
  if (ids.every((id) => DOCUMENT.test(id))) return ["paper", "登録された文書からの引用"];
  return ids.every((id) => TABLE.test(id)) ? ["grid", "市の表からのご案内"] : ["paper", "市の資料からのご案内"];
}

function emergencyCalls() {
  const call = (/** @type {string} */ number, /** @type {string} */ what) =>
    h("a", { class: "button alarm main", href: `tel:${number}` }, icon("phone"), h("span", { class: "number" }, number), h("span", {}, what));
  return h("div", { class: "calls-now" }, call("119", "火事・救急"), call("110", "事件・事故"));
}

/** @param {import("./reader.js").Reader} reader @param {() => string} text */
function readButton(reader, text) {
  const words = h("span", {}, "読み上げる");
  const failed = h("p", { class: "wrong", hidden: true, role: "alert" });
  let state = "idle";
  const button = h("button", { type: "button", class: "button small read", onclick: press }, icon("speaker"), words);

  /** @param {string} now @param {Error} [error] */
  function tell(now, error) {
    state = now;
    words.textContent = { idle: "読み上げる", loading: "準備しています…", playing: "読み上げを止める" }[now] ?? "";
    button.replaceChild(icon(now === "idle" ? "speaker" : "stop"), /** @type {Node} */ (button.firstChild));
    button.dataset.state = now;
    failed.hidden = !error;
    failed.textContent = error ? error.message : "";
  }
  function press() {
    if (state === "idle") reader.read(text(), tell);
    else reader.stop();
  }
  return [button, failed];
}

/**
 * What is read aloud: the text that is shown, and the choices that it asks for with the numbers that pick them by voice.
 * @param {Answer} answer @param {string} shown
 */
function aloud(answer, shown) {
  const choices = answer.band === "clarify" ? answer.suggestions.map((s, i) => `${i + 1}番、${s.question}`) : [];
  return [shown, ...choices].join("\n");
}

/** @param {Answer} answer @param {AnswerOptions} options @returns {HTMLElement} */
export function answerCard(answer, options) {
  const urgent = answer.act === "emergency";
  const [mark, words] = heading(answer) ?? [null, null];
  let shown = answer.answer;
  let body = passage(shown);
  const easy = h("button", { type: "button", class: "button small", "aria-pressed": "false", onclick: toggle }, icon("easy"), "やさしい日本語");

  function toggle() {
    const on = easy.getAttribute("aria-pressed") === "false";
    easy.setAttribute("aria-pressed", String(on));
    options.reader?.stop();
    shown = on ? /** @type {string} */ (answer.easy) : answer.answer;
    const fresh = passage(shown, on);
    body.replaceWith(fresh);
    body = fresh;
  }

  const actions = [...(options.reader ? readButton(options.reader, () => aloud(answer, shown)) : []), answer.easy ? easy : null];
  return h("div", { class: urgent ? "card answer emergency" : "card answer" },
    words ? h("p", { class: "band-name" }, icon(/** @type {string} */ (mark)), words) : null,
    ...(answer.foreign ?? []).map(({ lang, text }) => h("p", { lang }, text)),
    answer.english ? h("p", { lang: "en" }, answer.english) : null,
    body,
    urgent ? emergencyCalls() : null,
    answer.band === "clarify" ? suggestions(answer, options) : null,
    h("div", { class: "row" }, ...actions),
    ...quotations(answer, options),
    answer.band === "clarify" ? null : suggestions(answer, options),
    sources(answer.citations, options.staff),
    answer.contact && answer.band === "clarify" ? h("p", {}, "この中にないときは、窓口にお尋ねください。") : null,
    answer.contact ? contactCard(answer.contact) : null);
}

/** What documents of the city say besides, which an approved answer may not. @param {Answer} answer @param {AnswerOptions} options */
function quotations(answer, options) {
  return (answer.beside ?? []).map(({ text, citation }) =>
    h("section", { class: "beside" },
      h("h3", {}, "あわせて確かめる市の文書"),
      passage(text),
      h("ul", {}, source(citation, options.staff))));
}

/** @param {Answer} answer @param {AnswerOptions} options */
function suggestions(answer, options) {
  if (!answer.suggestions?.length) return null;
  // the text of a clarifying answer already asks: did you mean one of these?
  const title = answer.band === "clarify" ? h("h3", { class: "unseen" }, "もしかして") : h("h3", {}, answer.suggestions.every((s) => DOCUMENT.test(s.entry_id)) ? "関係のありそうな文書の箇所" : "ほかに関係のありそうな質問");
  const list = answer.band === "clarify" ? "ol" : "ul"; // a choice has the number that picks it by voice
  return h("div", { class: "choices" }, title,
    h(list, { class: "choices" }, ...answer.suggestions.map((s) =>
      h("li", {}, h("button", { type: "button", class: "choice", onclick: () => options.onChoose(s) }, h("span", {}, s.question), icon("next"))))));
}
