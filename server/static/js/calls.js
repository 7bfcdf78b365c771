/** The list of call recordings. */

import { Records } from "./records.js";
import { lengthText, momentText } from "./time.js";
import { Upload } from "./upload.js";

const url = "/api/staff/calls";
const records = new Records({
  url,
  page: "/staff/calls",
  key: "calls",
  title: (c) => `${c.our_name || "市役所"} と ${c.other_name || "相手の方"}`,
  facts: (c) => [momentText(c.started_at), c.caller_number ? `電話番号 ${c.caller_number}` : "", lengthText(c.duration_s)],
  empty: ["まだ通話の録音がありません", "上の欄からステレオの録音を送ると、両者の会話を文字にします。"],
});

new Upload(url, () => records.refresh());
