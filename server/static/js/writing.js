/** How the text is written: the level and notation that a clerk chooses, kept in the page's address and in its downloads. */

import { byId } from "./dom.js";

const LEVELS = ["verbatim", "clean", "formal"];

/** @returns {string} what is chosen, as a query */
export function style() {
  return new URLSearchParams({ style: byId("level").value, notation: byId("notation").checked ? "official" : "as-heard" }).toString();
}

/** Take up what the address says, and tell of every later choice. @param {() => void} onChoice */
export function chooseStyle(onChoice) {
  const asked = new URLSearchParams(location.search);
  const level = asked.get("style") ?? "";
  if (LEVELS.includes(level)) byId("level").value = level;
  byId("notation").checked = asked.get("notation") !== "as-heard";
  addressDownloads();
  for (const id of ["level", "notation"]) byId(id).addEventListener("change", () => {
    history.replaceState(null, "", `?${style()}`);
    addressDownloads();
    onChoice();
  });
}

function addressDownloads() {
  for (const link of document.querySelectorAll(".downloads a")) {
    const a = /** @type {HTMLAnchorElement} */ (link);
    a.href = `${a.href.split("?")[0]}?${style()}${a.dataset.more ?? ""}`;
  }
}
