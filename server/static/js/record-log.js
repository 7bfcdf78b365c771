/** The log of what was done with records, and what is looked for in it. */

import { json } from "./api.js";
import { byId, h } from "./dom.js";
import { failure } from "./failure.js";
import { momentText } from "./time.js";

const url = "/api/staff/record-log";
const PAGE = 200;
const PAGES = { call: "/staff/calls", meeting: "/staff/minutes" };

/** @typedef {{id: number, at: string, who: string, sign_in: string, deed: string, kind: "call" | "meeting", record: string,
 *            note: string, copy_number: number | null}} Line */

/** @param {string} id of a choice @param {string} value @returns {string} its words */
function words(id, value) {
  return byId(id).querySelector(`option[value="${value}"]`)?.textContent ?? value;
}

/** @param {Line} line */
function item(line) {
  const about = [line.note, line.copy_number ? `複製番号 ${line.copy_number}` : ""].filter(Boolean).join("、");
  const record = `${words("kind", line.kind)} ${line.record.slice(0, 8)}`;
  const gone = line.deed === "deleted" || line.deed === "erased";
  return h("li", { class: "log-line" },
    h("time", { datetime: line.at }, momentText(line.at)),
    h("span", { class: gone ? "chip bad" : "chip plain" }, words("deed", line.deed)),
    h("span", {}, line.who, line.sign_in ? h("small", { title: "ログインの区別" }, ` ${line.sign_in}`) : null),
    gone ? h("span", {}, record) : h("a", { href: `${PAGES[line.kind]}/${line.record}`, title: line.record }, record),
    about ? h("span", { class: "log-note" }, about) : null);
}

/** @returns {URLSearchParams} */
function filled() {
  const entries = [...new FormData(byId("filter")).entries()].map(([name, value]) => [name, String(value).trim()]);
  return new URLSearchParams(entries.filter(([, value]) => value));
}

let latest = {};

/** @param {number} most */
async function show(most) {
  const mine = latest = {};
  const query = filled();
  byId("file").href = `${url}.csv?${query}`;
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  try {
    const { lines, total } = await json(`${url}?${query}&most=${most}`);
    if (mine !== latest) return; // something else was asked for meanwhile
    byId("wrong").replaceChildren();
    byId("lines").replaceChildren(...(lines.length ? lines.map(item) : [h("li", { class: "empty" }, h("strong", {}, "記録はありません"))]));
    byId("count").textContent = total > lines.length ? `${total.toLocaleString()}件のうち、新しい${lines.length.toLocaleString()}件` : total ? `${total}件` : "";
    byId("more").hidden = total <= lines.length;
    byId("more").onclick = () => show(most + PAGE);
  } catch (error) {
    if (mine === latest) byId("wrong").replaceChildren(h("div", { class: "notice bad", role: "alert" }, ...failure(/** @type {any} */ (error), () => show(most))));
  }
}

if (byId("filter")) {
  for (const [name, value] of new URLSearchParams(location.search)) if (byId(name)?.form === byId("filter")) byId(name).value = value;
  byId("filter").addEventListener("submit", (/** @type {Event} */ e) => { e.preventDefault(); show(PAGE); });
  show(PAGE);
}
