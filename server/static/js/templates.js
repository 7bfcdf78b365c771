/** The Word files that minutes may be written in: which is in use, another chosen, sent, looked at or deleted. */

import { json, request, upload } from "./api.js";
import { confirmed } from "./confirm.js";
import { byId, h, icon } from "./dom.js";
import { takeDropped } from "./dropping.js";
import { failure, loginLink } from "./failure.js";
import { dayText } from "./time.js";

const url = "/api/staff/minutes-templates";

/** @typedef {{id: string, name: string, by: string | null, added_at: string | null, lacking: string[], in_use: boolean}} Template */

async function refresh() {
  try {
    const { templates } = await json(url);
    byId("templates").replaceChildren(...templates.map(item));
  } catch (error) {
    byId("templates").replaceChildren(h("li", { class: "notice bad", role: "alert" }, ...failure(/** @type {Error} */ (error), refresh)));
  }
}

/** @param {Template} t */
function item(t) {
  const here = `${url}/${t.id}`;
  return h("li", { class: "card record" },
    h("div", {},
      h("div", { class: "record-head" }, h("h3", {}, t.name), t.in_use ? h("span", { class: "chip" }, icon("check"), "使っています") : null),
      t.added_at ? h("div", { class: "facts" }, h("span", {}, `${dayText(t.added_at.slice(0, 10))} に送信`), h("span", {}, `送った人: ${t.by}`)) : null,
      t.lacking.length ? h("p", { class: "hint" }, `${t.lacking.map((place) => `{{${place}}}`).join("、")} がないので、その内容は Word に載りません。`) : null),
    h("div", { class: "row" },
      t.in_use ? null : h("button", { type: "button", class: "button small", "aria-label": `「${t.name}」を使う`, onclick: () => use(t) }, icon("check"), "使う"),
      h("a", { class: "button small", href: `${here}/preview`, download: true, "aria-label": `「${t.name}」で作った見本` }, icon("download"), "見本"),
      h("a", { class: "button small", href: `${here}/file`, download: true, "aria-label": `ひな形「${t.name}」を保存` }, icon("download"), "ひな形を保存"),
      t.added_at && !t.in_use ? h("button", { type: "button", class: "button small alarm", "aria-label": `ひな形「${t.name}」を削除`, onclick: () => remove(t) }, icon("bin"), "削除") : null));
}

/** @param {Template} t */
async function use(t) {
  await does(() => request(`${url}/${t.id}/use`, { method: "POST" }), `次に作る議事録の Word から、「${t.name}」の形になります。`);
}

/** @param {Template} t */
async function remove(t) {
  if (!(await confirmed("削除しますか", `ひな形「${t.name}」を削除します。元には戻せません。`, "削除する"))) return;
  await does(() => request(`${url}/${t.id}`, { method: "DELETE" }), `ひな形「${t.name}」を削除しました。`);
}

/** @param {() => Promise<unknown>} work @param {string} words what is told when it is done */
async function does(work, words) {
  let wrong = null;
  try {
    await work();
  } catch (error) {
    wrong = /** @type {Error & {status?: number}} */ (error);
  }
  tell(wrong ? "" : words);
  complain("templates-wrong", wrong);
  await refresh();
  byId("templates-title").focus();
}

/** @param {string} words */
function tell(words) {
  byId("templates-said").textContent = words;
}

/** @param {string} id of the place @param {(Error & {status?: number}) | null} error */
function complain(id, error) {
  byId(id).hidden = !error;
  byId(id).replaceChildren(...(error ? [icon("alert"), h("span", {}, error.message, error.status === 401 ? loginLink(true) : null)] : []));
}

function chosen() {
  byId("file-chosen").textContent = byId("file").files[0]?.name ?? "まだ選ばれていません";
  complain("send-wrong", null);
}

async function send() {
  const [file] = byId("file").files;
  if (!file) {
    complain("send-wrong", new Error("ひな形のファイルを選んでください。"));
    byId("file").focus();
    return;
  }
  byId("send").disabled = true;
  try {
    const sent = await upload(url, new FormData(byId("send-form")), () => {}).done;
    byId("send-form").reset();
    chosen();
    tell(`「${sent.name}」を確かめて残しました。「見本」を Word で開いて確かめてから、「使う」を押してください。`);
    complain("templates-wrong", null);
    await refresh();
    byId("templates-title").focus();
  } catch (error) {
    complain("send-wrong", /** @type {Error & {status?: number}} */ (error));
  } finally {
    byId("send").disabled = false;
  }
}

takeDropped(byId("file"), chosen);
byId("file").addEventListener("change", chosen);
byId("send-form").addEventListener("submit", (/** @type {Event} */ e) => { e.preventDefault(); send(); });
refresh();
