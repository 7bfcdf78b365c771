/** Whose voices are enrolled: a sample in, a list to delete from. */

import { json, request } from "./api.js";
import { confirmed } from "./confirm.js";
import { byId, h, icon } from "./dom.js";
import { failure } from "./failure.js";
import { dayText } from "./time.js";
import { Upload } from "./upload.js";

const url = "/api/staff/voices";
const list = byId("voices");

/** @typedef {{id: string, name: string, by: string, created_at: string}} Voice */

async function refresh() {
  try {
    /** @type {Voice[]} */
    const voices = (await json(url)).voices;
    list.replaceChildren(...(voices.length ? voices.map(item) : [h("li", { class: "empty" }, icon("people"), h("strong", {}, "まだ声の登録がありません"))]));
  } catch (error) {
    broken(/** @type {Error} */ (error));
  }
}

/** @param {Error} error */
function broken(error) {
  list.replaceChildren(h("li", { class: "notice bad", role: "alert" }, ...failure(error, refresh)));
}

/** @param {Voice} voice */
function item(voice) {
  return h("li", { class: "card record" },
    h("div", {},
      h("div", { class: "record-head" }, h("h3", {}, voice.name)),
      h("div", { class: "facts" }, h("span", {}, `${dayText(voice.created_at.slice(0, 10))} 登録`), h("span", {}, `登録した人: ${voice.by}`))),
    h("button", { type: "button", class: "button small alarm", "aria-label": `「${voice.name}」の声の登録を削除`, onclick: () => remove(voice) }, icon("bin"), "削除"));
}

/** @param {Voice} voice */
async function remove(voice) {
  if (!(await confirmed("削除しますか", `「${voice.name}」の声の特徴を完全に削除します。元には戻せません。`, "削除する"))) return;
  try {
    await request(`${url}/${voice.id}`, { method: "DELETE" });
    await refresh();
    byId("voices-title").focus();
  } catch (error) {
    broken(/** @type {Error} */ (error));
  }
}

new Upload(url, refresh);
refresh();
