/** The name and the day of a meeting, to be put right at any time. */

import { json, request } from "./api.js";
import { byId, icon } from "./dom.js";
import { guard } from "./leaving.js";
import { dayText } from "./time.js";
import { fillUntouched } from "./untouched.js";

/** @typedef {{title: string, held_on: string}} Subject */

/** @type {Subject | null} what the person saw */
let seen = null;
const isUnsaved = () => seen !== null && (byId("title").value !== seen.title || byId("held_on").value !== seen.held_on);
guard(isUnsaved);

/**
 * The form stays away until it has what it changes: what was written into an empty one could not be kept.
 * @param {string} url of the meeting @param {Subject} subject @param {(fresh: any) => void} onSaved
 */
export function fillSubject(url, subject, onSaved) {
  byId("subject").hidden = false;
  if (byId("subject").open || isUnsaved()) return; // somebody is writing there
  const was = seen = { title: subject.title, held_on: subject.held_on };
  byId("title").value = was.title;
  byId("held_on").value = was.held_on;
  byId("subject-form").onsubmit = (/** @type {Event} */ e) => {
    e.preventDefault();
    save(url, was, onSaved);
  };
}

/** @param {string} url @param {Subject} was what the person saw @param {(fresh: any) => void} onSaved */
async function save(url, was, onSaved) {
  const body = { title: byId("title").value, held_on: byId("held_on").value, was };
  if (!body.held_on) return complain("開催日を入力してください。");
  try {
    const reply = await request(url, { method: "PATCH", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
    const fresh = await reply.json();
    Object.assign(was, { title: body.title, held_on: body.held_on });
    byId("subject").open = false;
    byId("subject-wrong").hidden = true;
    onSaved(fresh);
    return byId("subject").querySelector("summary").focus();
  } catch (error) {
    const e = /** @type {import("./api.js").ApiError} */ (error);
    const now = e.code === "superseded" ? await json(url).catch(() => null) : null;
    if (!now) return complain(e.message);
    fillUntouched(was, now, byId);
    Object.assign(was, { title: now.title, held_on: now.held_on });
    return complain(`${e.message} 今の内容: ${now.title} ／ ${dayText(now.held_on)}`);
  }
}

/** @param {string} message */
function complain(message) {
  byId("subject-wrong").replaceChildren(icon("alert"), message);
  byId("subject-wrong").hidden = false;
}
