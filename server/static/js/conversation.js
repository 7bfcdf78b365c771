/** The conversation so far, kept for this tab alone, so that a reload loses nothing and closing the tab forgets it. */

/**
 * @typedef {{kind: "question", text: string, spoken: boolean}} Question
 * @typedef {{kind: "answer", answer: import("./answer.js").Answer}} Reply
 * @typedef {{kind: "failure", message: string, question: string, entry_id?: string, status: number}} Failure `entry_id` is that of a choice
 * @typedef {Question | Reply | Failure} Turn
 */

export class Conversation {
  /** @param {string} name one for each page that talks */
  constructor(name) {
    this.key = `madoguchi.${name}`;
    const kept = this.#read();
    /** @type {Turn[]} */
    this.turns = kept.turns ?? [];
    /** @type {string | null} */
    this.session = kept.session ?? null;
    /** @type {string} */
    this.draft = kept.draft ?? "";
  }

  /** @param {Turn} turn */
  add(turn) {
    this.turns.push(turn);
    this.keep();
  }

  /** @param {Turn} turn */
  drop(turn) {
    this.turns = this.turns.filter((t) => t !== turn);
    this.keep();
  }

  clear() {
    this.turns = [];
    this.session = null;
    this.draft = "";
    try { sessionStorage.removeItem(this.key); } catch { /* storage is switched off */ }
  }

  keep() {
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ turns: this.turns, session: this.session, draft: this.draft }));
    } catch { /* storage is full or switched off: the page still works */ }
  }

  #read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "{}");
    } catch {
      return {};
    }
  }
}
