/** Which days are meant: those that people name, as seen from today, or two that they choose. */

import { byId } from "./dom.js";
import { dayText, today } from "./time.js";

/** @typedef {{since: string | null, until: string | null}} Days first and last, YYYY-MM-DD; null where there is no such end */

/** @param {number} year @param {number} month from 0 @param {number} day which may lie outside the month */
const day = (year, month, day) => new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

/** @param {string} name @returns {Days} */
function named(name) {
  const [y, month, d] = today().split("-").map(Number);
  const m = month - 1;
  const monday = d - ((new Date(Date.UTC(y, m, d)).getUTCDay() + 6) % 7);
  /** @type {Record<string, Days>} */
  const days = {
    today: { since: day(y, m, d), until: day(y, m, d) },
    yesterday: { since: day(y, m, d - 1), until: day(y, m, d - 1) },
    "this-week": { since: day(y, m, monday), until: day(y, m, d) },
    "last-week": { since: day(y, m, monday - 7), until: day(y, m, monday - 1) },
    "this-month": { since: day(y, m, 1), until: day(y, m, d) },
    "last-month": { since: day(y, m - 1, 1), until: day(y, m, 0) },
  };
  return days[name] ?? { since: null, until: null };
}

/** The choice of a period on a page. */
export class Period {
  /** @param {() => void} chosen */
  constructor(chosen) {
    for (const id of ["period", "since", "until"]) byId(id).addEventListener("change", chosen);
  }

  /** @returns {Days} */
  get days() {
    const name = byId("period").value;
    return name === "days" ? { since: byId("since").value || null, until: byId("until").value || null } : named(name);
  }

  /** Those that are chosen, as of today, and shown so: a page may stay open overnight. @returns {Days} */
  now() {
    this.draw();
    return this.days;
  }

  /** All days again, without a word to who listens. */
  clear() {
    byId("period").value = "";
    this.draw();
  }

  draw() {
    const { since, until } = this.days;
    byId("days").hidden = byId("period").value !== "days";
    byId("since").max = byId("until").value;
    byId("until").min = byId("since").value;
    const isNamed = byId("days").hidden && since && until;
    byId("period-days").textContent = !isNamed ? "" : since === until ? dayText(since) : `${dayText(since)}から${dayText(until)}まで`;
  }
}
