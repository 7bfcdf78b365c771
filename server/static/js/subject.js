/** The name and the day of a meeting, to be put right at any time. */

import { request } from "./api.js";
import { byId, icon } from "./dom.js";

/** @typedef {{title: string, held_on: string}} Subject */

/**
 * The form stays away until it has what it changes: what was written into an empty one could not be kept.
 * @param {string} url of the meeting @param {Subject} subject @param {(fresh: any) => void} onSaved
 */
export function fillSubject(url, subject, onSaved) {
  byId("subject").hidden = false;
  if (byId("subject").open) return; // somebody is writing there
  byId("title").value = subject.title;
  byId("held_on").value = subject.held_on;
  byId("subject-form").onsubmit = (/** @type {Event} */ e) => {
    e.preventDefault();
    save(url, onSaved);
  };
}

/** @param {string} url @param {(fresh: any) => void} onSaved */
async function save(url, onSaved) {
  const body = { title: byId("title").value, held_on: byId("held_on").value };
  if (!body.held_on) return complain("開催日を入力してください。");
  try {
    const reply = await request(url, { method: "PATCH", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
    const fresh = await reply.json();
    byId("subject").open = false;
    byId("subject-wrong").hidden = true;
    onSaved(fresh);
    return byId("subject").querySelector("summary").focus();
  } catch (error) {
    return complain(/** @type {Error} */ (error).message);
  }
}

/** @param {string} message */
function complain(message) {
  byId("subject-wrong").replaceChildren(icon("alert"), message);
  byId("subject-wrong").hidden = false;
}
