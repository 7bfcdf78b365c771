/** The name and the day of a meeting, to be put right at any time. */

import { json, request } from "./api.js";
import { byId, icon } from "./dom.js";
import { dayText } from "./time.js";

/** @typedef {{title: string, held_on: string}} Subject */

/**
 * The form stays away until it has what it changes: what was written into an empty one could not be kept.
 * @param {string} url of the meeting @param {Subject} subject @param {(fresh: any) => void} onSaved
 */
export function fillSubject(url, subject, onSaved) {
  byId("subject").hidden = false;
  if (byId("subject").open) return; // somebody is writing there
  const was = { title: subject.title, held_on: subject.held_on };
  byId("title").value = subject.title;
  byId("held_on").value = subject.held_on;
  byId("subject-form").onsubmit = (/** @type {Event} */ e) => {
    e.preventDefault();
    save(url, was, onSaved);
  };
}

/** @param {string} url @param {Subject} was what the form came with @param {(fresh: any) => void} onSaved */
async function save(url, was, onSaved) {
  const body = { was, title: byId("title").value, held_on: byId("held_on").value };
  if (!body.held_on) return complain("開催日を入力してください。");
  try {
    const reply = await request(url, { method: "PATCH", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
    const fresh = await reply.json();
    byId("subject").open = false;
    byId("subject-wrong").hidden = true;
    onSaved(fresh);
    return byId("subject").querySelector("summary").focus();
  } catch (error) {
    return complain(await reason(url, was, /** @type {import("./api.js").ApiError} */ (error)));
  }
}

/** What went wrong; what somebody else wrote meanwhile is told, and may be written over then. */
async function reason(/** @type {string} */ url, /** @type {Subject} */ was, /** @type {import("./api.js").ApiError} */ error) {
  const now = error.code === "superseded" ? await json(url).catch(() => null) : null;
  if (!now) return error.message;
  Object.assign(was, { title: now.title, held_on: now.held_on });
  return `${error.message} 今の内容: ${now.title} ／ ${dayText(now.held_on)}`;
}

/** @param {string} message */
function complain(message) {
  byId("subject-wrong").replaceChildren(icon("alert"), message);
  byId("subject-wrong").hidden = false;
}
