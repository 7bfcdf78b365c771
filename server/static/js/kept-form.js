/** A form whose fields are kept on the server: one save after the other, and none over what somebody else wrote unseen. */

import { fillUntouched } from "./untouched.js";

/** @typedef {Record<string, string>} Fields by their names */

export class KeptForm {
  /**
   * @param {Fields} was what is kept @param {(name: string) => any} field the field of a name; there need not be one
   * @param {(was: Fields, fresh: Fields) => Promise<Fields>} send gives what is kept then
   */
  constructor(was, field, send) {
    this.was = was;
    this.field = field;
    this.send = send;
    /** @type {Promise<unknown>} what is done before */
    this.before = Promise.resolve();
  }

  /** What stands in the form. @returns {Fields} */
  get typed() {
    return Object.fromEntries(Object.entries(this.was).map(([name, value]) => [name, this.field(name)?.value ?? value]));
  }

  get dirty() {
    const typed = this.typed;
    return Object.entries(this.was).some(([name, value]) => typed[name] !== value);
  }

  /** Show what is kept now, wherever nobody has typed anything else. @param {Fields} now */
  take(now) {
    fillUntouched(this.was, now, this.field);
    this.was = now;
  }

  /** Keep what stands in the form when its turn comes. @returns {Promise<void>} */
  save() {
    return this.inTurn(async () => {
      if (!this.dirty) return;
      const typed = this.typed;
      const kept = await this.send(this.was, typed);
      this.was = typed; // the server may write it otherwise; what was typed meanwhile stays
      this.take(kept);
    });
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  inTurn(work) {
    const turn = this.before.then(work);
    this.before = turn.catch(() => undefined);
    return turn;
  }
}
