/** Says when what was approved has come to every channel: asks while it is being prepared. */

import { json } from "./api.js";
import { byId } from "./dom.js";

const POLL_MS = 500;

async function look() {
  const box = byId("publication");
  const now = await json("/api/staff/knowledge/state").catch((error) => (error.status === 401 ? null : { stage: "preparing", text: "" }));
  if (!now) return; // who is logged out is told at the next page
  const { stage, text } = now;
  if (stage === "preparing") {
    const shown = byId("publication-text");
    if (text && text !== shown.textContent) shown.textContent = text; // how long it takes may be another now
    return void setTimeout(look, POLL_MS);
  }
  if (stage === "failed") return location.replace(location.pathname + location.search); // it has the way to try again; sends nothing twice
  box.dataset.stage = stage;
  byId("publication-text").textContent = text;
}

setTimeout(look, POLL_MS);
