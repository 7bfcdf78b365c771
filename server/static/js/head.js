/** The head of the minutes: hours, place, who was there, who writes. */

import { json, request } from "./api.js";
import { byId, icon } from "./dom.js";
import { KeptForm } from "./kept-form.js";
import { guard } from "./leaving.js";

const PARTS = ["hours", "place", "present", "absent", "author"];

/** @typedef {Record<string, string>} Head */

/** The form stays away until it has what it changes. @param {string} url of the meeting */
export async function showHead(url) {
  const filled = await json(`${url}/head`).catch(() => null);
  if (!filled) return;
  const form = new KeptForm(filled.head, byId, async (was, head) => {
    const body = JSON.stringify({ was, head });
    return (await request(`${url}/head`, { method: "PATCH", body, headers: { "content-type": "application/json" } })).json();
  });
  for (const part of PARTS) byId(part).value = filled.head[part];
  byId("present-named").textContent = filled.named ? `（${filled.named}）` : "";
  byId("head-form").onsubmit = async (/** @type {Event} */ e) => {
    e.preventDefault();
    const wrong = byId("head-wrong");
    try {
      await form.save();
      wrong.hidden = true;
      byId("head-said").textContent = "保存しました。Word のはじめに載ります。";
    } catch (error) {
      byId("head-said").textContent = "";
      wrong.replaceChildren(icon("alert"), await reason(url, /** @type {import("./api.js").ApiError} */ (error), (now) => form.take(now)));
      wrong.hidden = false;
    }
  };
  guard(() => form.dirty);
  byId("head").hidden = false;
}

/** What went wrong; what somebody else filled in meanwhile is told, and may be written over then. */
async function reason(/** @type {string} */ url, /** @type {import("./api.js").ApiError} */ error, /** @type {(now: Head) => void} */ take) {
  const now = error.code === "superseded" ? await json(`${url}/head`).catch(() => null) : null;
  if (!now) return error.message;
  take(now.head);
  return `${error.message} 今の内容: ${PARTS.map((part) => now.head[part]).filter(Boolean).join(" ／ ")}`;
}
