/** How long a recording is kept, and the hold on it that is set and lifted. */

import { json, request } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { guard } from "./leaving.js";
import { dayText, momentText, today } from "./time.js";

/** @typedef {{reason: string, until: string | null, by: string, at: string}} Hold */
/** @typedef {{kept_until: string | null, hold: Hold | null}} Kept */

guard(() => byId("hold")?.hidden === false && (byId("hold-reason").value || byId("hold-until").value)); // lists of records have no such form

/** @param {Kept} kept @returns {HTMLElement | null} */
export function heldChip(kept) {
  return kept.hold ? h("span", { class: "chip yuzu", title: kept.hold.reason }, "保全中") : null;
}

/** @param {Kept} kept */
export function keptText(kept) {
  if (kept.hold) return `保全: ${kept.hold.reason}（${kept.hold.until ? `${dayText(kept.hold.until)}まで` : "解除するまで"}）`;
  return kept.kept_until ? `${dayText(kept.kept_until)}まで保存` : "";
}

/** What is told of it on its page, and what can be done. @param {string} url of the recording @param {Kept} kept */
export function showKeeping(url, kept) {
  const { hold, kept_until: until } = kept;
  byId("keeping").hidden = false;
  byId("kept").replaceChildren(heldChip(kept) ?? (until ? `${dayText(until)}まで` : "期限はありません"));
  byId("kept-more").textContent = hold ? heldText(hold, until) : until ? `${dayText(until)}まで残し、次の日に自動で消します。` : "自動では消えません。";
  byId("hold").hidden = Boolean(hold);
  byId("hold-lift").hidden = !hold;
  byId("hold-until").min = today();
  byId("hold").onsubmit = (/** @type {Event} */ e) => { e.preventDefault(); set(url); };
  byId("hold-lift").onclick = () => hold && change(url, `hold?seen=${encodeURIComponent(hold.at)}`, { method: "DELETE" });
}

/** @param {Hold} hold @param {string | null} until */
function heldText(hold, until) {
  const end = hold.until ? `${dayText(hold.until)}まで保全しています。` : "解除するまで保全しています。";
  const after = until ? `${dayText(until)}の次の日に自動で消します。` : "";
  return `${end}${after}理由: ${hold.reason}（${hold.by}、${momentText(hold.at)}）`;
}

/** @param {string} url */
function set(url) {
  const reason = byId("hold-reason").value.trim();
  if (!reason) return complain("保全する理由を入力してください。", byId("hold-reason"));
  const body = { reason, until: byId("hold-until").value || null };
  return change(url, "hold", { method: "PUT", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
}

/** What somebody else changed first is shown, and what is typed stays. @param {string} url @param {string} part of it @param {RequestInit} how */
async function change(url, part, how) {
  try {
    await request(`${url}/${part}`, how);
    byId("hold-reason").value = byId("hold-until").value = "";
    showKeeping(url, await json(url));
    complain("");
    byId("keeping").querySelector("summary").focus();
  } catch (error) {
    const e = /** @type {import("./api.js").ApiError} */ (error);
    const now = e.code === "superseded" ? await json(url).catch(() => null) : null;
    if (now) showKeeping(url, now);
    complain(e.message);
  }
}

/** @param {string} message @param {HTMLElement} [field] */
function complain(message, field) {
  byId("hold-wrong").hidden = !message;
  byId("hold-wrong").replaceChildren(icon("alert"), message);
  byId("hold-reason").removeAttribute("aria-invalid");
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}
