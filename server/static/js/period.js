/** Which days are meant: those that people name, as seen from today, or two that they choose. */

import { byId } from "./dom.js";
import { dayText, today } from "./time.js";

const EARLIEST = "1900"; // a year that is being typed begins with 0002
const WRONG_WAY = "終わりの日は、始まりの日と同じ日か、それより後の日にしてください。";

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

/** @param {Days} days */
const isBeingTyped = ({ since, until }) => [since, until].some((day) => day && day < EARLIEST);

/** @param {Days} days */
const isWrongWay = (days) => Boolean(!isBeingTyped(days) && days.since && days.until && days.since > days.until);

/** @param {Days} days */
function words({ since, until }) {
  if (!since || !until) return "";
  return since === until ? dayText(since) : `${dayText(since)}から${dayText(until)}まで`;
}

/** The choice of a period on a page. */
export class Period {
  /** @type {Days} those that were whole last */
  taken = { since: null, until: null };

  /** @param {() => void} chosen */
  constructor(chosen) {
    this.chosen = chosen;
    for (const id of ["period", "since", "until"]) byId(id).addEventListener("change", () => this.take());
  }

  /** @returns {Days} */
  get days() {
    const name = byId("period").value;
    return name === "days" ? { since: byId("since").value || null, until: byId("until").value || null } : named(name);
  }

  get isWhole() {
    return !isBeingTyped(this.days) && !isWrongWay(this.days);
  }

  take() {
    this.draw();
    if (this.isWhole) this.chosen();
  }

  /** Those that are chosen, as of today, and shown so: a page may stay open overnight. @returns {Days} */
  now() {
    this.draw();
    if (this.isWhole) this.taken = this.days;
    return this.taken;
  }

  /** All days again, without a word to who listens. */
  clear() {
    byId("period").value = "";
    this.draw();
  }

  draw() {
    byId("days").hidden = byId("period").value !== "days";
    const wrong = isWrongWay(this.days) ? WRONG_WAY : "";
    byId("until").setCustomValidity(wrong); // no `min` and `max`: set while a year is typed, they take away what was typed of it
    byId("period-days").textContent = byId("days").hidden ? words(this.days) : wrong;
  }
}
