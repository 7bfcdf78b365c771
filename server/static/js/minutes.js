/** The list of meetings. */

import { json } from "./api.js";
import { byId } from "./dom.js";
import { Records } from "./records.js";
import { dayText, lengthText, today } from "./time.js";
import { Upload } from "./upload.js";

const url = "/api/staff/minutes";
const records = new Records({
  url,
  page: "/staff/minutes",
  key: "meetings",
  title: (m) => m.title || m.file_name,
  facts: (m) => [m.held_on ? dayText(m.held_on) : "", lengthText(m.duration_s), m.file_name, m.same_as ? `「${m.same_as}」と同じ録音です` : ""],
  get empty() {
    if (byId("held").checked) return ["保全中の会議はありません"];
    return ["まだ会議の録音がありません", "上の欄から録音ファイルを送ると、文字にします。"];
  },
  list: async () => {
    const { meetings } = await json(url);
    return { meetings: byId("held").checked ? meetings.filter((/** @type {any} */ m) => m.hold) : meetings };
  },
});
byId("held").addEventListener("change", () => records.refresh());

const date = byId("held_on");
const setToday = () => { date.value = today(); };
setToday();
new Upload(url, () => { setToday(); byId("held").checked = false; records.refresh(); }, "/staff/minutes");
