/** Questions to start from: areas of life, and the questions of the one that was chosen. */

import { json } from "./api.js";
import { h, icon } from "./dom.js";

/** @typedef {{entry_id: string, question: string}} Choice */
/** @typedef {{name: string, questions: Choice[]}} Category */

/** @type {[RegExp, string][]} */
const ICONS = [
  [/引っ?越/, "move"], [/マイナンバー/, "card"], [/戸籍|住民/, "paper"], [/国保|年金|保険/, "shield"], [/介護|高齢/, "elder"],
  [/障/, "access"], [/学校|教育/, "school"], [/子育|子ども/, "child"], [/健康|医療/, "health"], [/ごみ|環境/, "bin"], [/水道/, "water"],
  [/防災|災害/, "disaster"], [/農|畜産|林/, "leaf"], [/住まい|道路/, "home"], [/施設|文化/, "book"], [/交通|しごと|市政/, "bus"],
  [/支援|福祉|くらし/, "hands"], [/税/, "yen"],
];

/** @param {string} name */
function iconOf(name) {
  return ICONS.find(([pattern]) => pattern.test(name))?.[1] ?? "folder";
}

export class Topics {
  /** @param {(choice: Choice) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.element = h("div", { class: "topics" });
    /** @type {Category[]} */
    this.categories = [];
    this.load();
  }

  async load() {
    try {
      this.categories = (await json("/api/categories")).filter((/** @type {Category} */ c) => c.questions.length);
      this.all();
    } catch {
      const again = h("button", { type: "button", class: "button small", onclick: () => this.load() }, icon("retry"), "もう一度読み込む");
      this.element.replaceChildren(h("p", {}, "分野の一覧を読み込めませんでした。質問の入力はできます。"), again);
    }
  }

  /** @param {string} [focused] the category whose button takes the focus */
  all(focused) {
    const buttons = this.categories.map((c) =>
      h("button", { type: "button", class: "topic", onclick: () => this.open(c) }, icon(iconOf(c.name)), h("span", {}, c.name)));
    this.element.replaceChildren(h("ul", { class: "topic-grid" }, ...buttons.map((b) => h("li", {}, b))));
    buttons[this.categories.findIndex((c) => c.name === focused)]?.focus();
  }

  /** @param {Category} category */
  open(category) {
    const title = h("h3", { tabindex: "-1" }, category.name);
    const choices = category.questions.map((q) =>
      h("li", {}, h("button", { type: "button", class: "choice", onclick: () => this.onChoose(q) }, h("span", {}, q.question), icon("next"))));
    this.element.replaceChildren(
      h("div", { class: "topic-head" },
        h("button", { type: "button", class: "button small", onclick: () => this.all(category.name) }, icon("back"), "分野の一覧"), title),
      h("ul", { class: "choices" }, ...choices));
    title.focus();
  }
}
