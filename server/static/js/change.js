/** What was heard where a word was changed, why, and the button that takes the change back. */

import { h, icon } from "./dom.js";

/** @type {Record<string, string>} */
const REASONS = {
  vocabulary: "市の語彙",
  sound: "音の似た言葉",
  language: "市に寄せられる質問",
  loop: "同じ言葉の繰り返し",
  invented: "話し声のないところの決まり文句",
  ending: "文末の聞き取れなかった音",
  filler: "言いよどみ・言い直し",
  style: "書き言葉",
  notation: "数字などの表記",
  punctuation: "句読点",
  corrected: "職員の訂正",
};

/** @type {(() => void) | null} */
let closeOpen = null;

/**
 * @param {HTMLElement} word @param {import("./words.js").Change} change
 * @param {{play: () => void, decide: (undone: boolean) => Promise<void>}} hands
 */
export function openChange(word, change, hands) {
  const again = word.getAttribute("aria-expanded") === "true";
  closeOpen?.();
  if (again) return;
  const wrong = h("p", { class: "wrong", role: "alert" });
  wrong.hidden = true;
  const decide = h("button", { type: "button", class: "button small" }, change.undone ? "もう一度書き換える" : "元に戻す");
  const panel = h("div", { class: "change", role: "group", "aria-label": "書き換え" },
    h("p", {}, "聞こえたまま: ", quoted(change.heard), " → 書き換え: ", quoted(change.written), `（${change.reasons.map((r) => REASONS[r] ?? r).join("、")}）`),
    change.undone ? h("p", { class: "hint" }, "いまは、聞こえたままに戻しています。") : null,
    wrong,
    h("div", { class: "row" }, decide,
      h("button", { type: "button", class: "button small", onclick: hands.play }, icon("play"), "ここを聞く"),
      h("button", { type: "button", class: "button small quiet", onclick: () => close() }, "閉じる")));
  const close = () => {
    if (panel.contains(document.activeElement)) word.focus();
    panel.remove();
    word.setAttribute("aria-expanded", "false");
    closeOpen = null;
  };
  decide.addEventListener("click", async () => {
    try {
      await hands.decide(!change.undone);
      closeOpen = null;
    } catch (error) {
      wrong.replaceChildren(icon("alert"), /** @type {Error} */ (error).message);
      wrong.hidden = false;
    }
  });
  panel.addEventListener("click", (e) => e.stopPropagation());
  panel.addEventListener("keydown", (e) => { if (e.key === "Escape") close(); });
  word.closest("p")?.after(panel);
  word.setAttribute("aria-expanded", "true");
  closeOpen = close;
  decide.focus();
}

/** @param {string} text */
function quoted(text) {
  return text ? h("q", {}, text) : h("span", { class: "hint" }, "（なし）");
}
