/** The list of call recordings, and what is looked for in it. */

import { json, post } from "./api.js";
import { byId } from "./dom.js";
import { Period } from "./period.js";
import { Records } from "./records.js";
import { lengthText, momentText } from "./time.js";
import { Upload } from "./upload.js";

const url = "/api/staff/calls";
const PAGE = 100;
const COUNT_MS = 10_000;
/** @type {{words: string, most: number, held: boolean} & import("./period.js").Days} */
const wanted = { words: "", most: PAGE, held: false, since: null, until: null };
const isNarrowed = () => Boolean(wanted.words || wanted.held || wanted.since || wanted.until);
const period = new Period(() => look({ most: PAGE }));

const records = new Records({
  url,
  page: "/staff/calls",
  key: "calls",
  title: (c) => `${c.our_name || "市役所"} と ${c.other_name || "相手の方"}`,
  facts: (c) => [momentText(c.started_at), c.caller_number ? `電話番号 ${c.caller_number}` : "", lengthText(c.duration_s), c.file_name ?? ""],
  get empty() {
    if (wanted.words) return ["見つかりませんでした", "言葉を短くするか、ほかの言い方（漢字とかな、漢数字など）でも探してください。", ...(wanted.since || wanted.until ? ["「いつの通話」を広げると、見つかることもあります。"] : [])];
    if (wanted.since || wanted.until) return ["この期間の通話はありません", ...(wanted.held ? ["保全中のものだけを探しました。"] : [])];
    if (wanted.held) return ["保全中の通話はありません"];
    return ["まだ通話の録音がありません", "上の欄からステレオの録音を送ると、両者の会話を文字にします。"];
  },
  list: async () => {
    Object.assign(wanted, { held: byId("held").checked, ...period.now() });
    return (await post(`${url}/search`, wanted)).json();
  },
  told: ({ calls, total }) => {
    const count = total > calls.length ? `${total.toLocaleString()}件のうち、新しい${calls.length.toLocaleString()}件` : isNarrowed() && total ? `${total}件` : "";
    if (byId("count").textContent !== count) byId("count").textContent = count; // else it would be read out again
    byId("more").hidden = total <= calls.length;
  },
});

/** @param {Partial<typeof wanted>} change */
function look(change) {
  Object.assign(wanted, change);
  records.refresh();
}

byId("search").addEventListener("submit", (e) => {
  e.preventDefault();
  look({ words: byId("words").value.trim(), most: PAGE });
});
byId("words").addEventListener("search", (/** @type {any} */ e) => { if (!e.target.value) look({ words: "", most: PAGE }); });
byId("held").addEventListener("change", () => look({ most: PAGE }));
byId("more").addEventListener("click", () => look({ most: wanted.most + PAGE }));

/** Tell how many calls go on. What keeps it from being known is told where it matters: on their page. */
async function countGoingOn() {
  if (document.hidden) return;
  const { calls } = await json(`${url}/live`).catch(() => ({ calls: [] }));
  byId("going-on").textContent = calls.length ? `（${calls.length}件が通話中）` : "";
}

countGoingOn();
setInterval(countGoingOn, COUNT_MS);

/** One file or two. */
function shape() {
  const sides = byId("upload").elements.shape.value === "sides";
  for (const [id, used] of /** @type {[string, boolean][]} */ ([["stereo", !sides], ["channel", !sides], ["sides", sides]])) {
    byId(id).hidden = !used;
    for (const input of byId(id).querySelectorAll("input")) input.disabled = !used;
  }
}
for (const choice of byId("upload").elements.shape) choice.addEventListener("change", shape);
byId("upload").addEventListener("sent", shape); // the form is as at the beginning
shape();

new Upload(url, () => {
  period.clear();
  byId("held").checked = false;
  look({ words: byId("words").value = "", most: PAGE });
}, "/staff/calls");
