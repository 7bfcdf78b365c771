/** Words looked for in all meetings: each meeting with the places where they are said. */

import { post } from "./api.js";
import { byId, h } from "./dom.js";
import { clock, dayText } from "./time.js";

/** @typedef {{start: number, speaker: string | null, text: string}} Saying */
/** @typedef {{id: string, title: string, held_on: string, places: Saying[]}} Found */

let latest = {};

byId("search").addEventListener("submit", async (/** @type {Event} */ e) => {
  e.preventDefault();
  const words = byId("words").value.trim();
  const mine = latest = {};
  try {
    const { meetings, total } = words ? await (await post("/api/staff/minutes/search", { words })).json() : { meetings: [], total: 0 };
    if (mine !== latest) return;
    byId("meetings-found").replaceChildren(...meetings.map(item));
    byId("found-count").textContent = told(words, total, meetings.length);
  } catch (error) {
    if (mine === latest) byId("found-count").textContent = /** @type {Error} */ (error).message;
  }
});

/** @param {string} words @param {number} total @param {number} shown */
function told(words, total, shown) {
  if (!words) return "探す言葉を入力してください。";
  if (!total) return "見つかりませんでした。言葉を短くするか、ほかの言い方（漢字とかな、漢数字など）でも探してください。";
  return total > shown ? `${total}件のうち、新しい${shown}件` : `${total}件`;
}

/** @param {Found} found */
function item(found) {
  const page = `/staff/minutes/${found.id}`;
  return h("li", { class: "card" },
    h("h3", {}, h("a", { href: page }, found.title)), h("p", { class: "hint" }, dayText(found.held_on)),
    h("ul", { class: "places" }, ...found.places.map((p) => h("li", {},
      h("a", { href: `${page}#t=${p.start}`, "aria-label": `${clock(p.start)}を開く` }, clock(p.start)), h("span", {}, p.speaker ? `${p.speaker}: ` : "", p.text)))));
}
