/** Reads a text aloud, sentence by sentence, so that the first is heard while the next is still being spoken by the server. */

import { post } from "./api.js";

const LONGEST_CHARS = 90;

/** @param {string} text @returns {string[]} pieces of whole sentences */
function pieces(text) {
  const sentences = (text.match(/[^。！？\n]+[。！？\n]*/g) ?? []).map((s) => s.replace(/^[・•\s]+/, "").trim()).filter(Boolean);
  /** @type {string[]} */
  const out = [];
  for (const sentence of sentences) {
    const last = out[out.length - 1];
    if (out.length > 1 && last.length + sentence.length < LONGEST_CHARS) out[out.length - 1] = `${last}\n${sentence}`;
    else out.push(sentence);
  }
  return out;
}

/** @typedef {"idle" | "loading" | "playing"} ReaderState */

export class Reader {
  constructor() {
    this.audio = new Audio();
    /** @type {AbortController | null} */
    this.run = null;
    /** @type {(state: ReaderState, error?: Error) => void} */
    this.tell = () => {};
  }

  /** Stop what is being read, if anything. */
  stop() {
    this.run?.abort();
    this.run = null;
    this.audio.pause();
    this.tell("idle");
    this.tell = () => {};
  }

  /**
   * @param {string} text
   * @param {(state: ReaderState, error?: Error) => void} tell
   */
  async read(text, tell) {
    this.stop();
    const run = new AbortController();
    this.run = run;
    this.tell = tell;
    tell("loading");
    try {
      await this.#play(pieces(text), run.signal);
      if (this.run === run) this.stop();
    } catch (error) {
      if (this.run !== run) return;
      this.stop();
      tell("idle", /** @type {Error} */ (error));
    }
  }

  /** @param {string[]} parts @param {AbortSignal} signal */
  async #play(parts, signal) {
    const fetched = (/** @type {string} */ part) => post("/api/speak", { text: part }, signal).then((r) => r.blob());
    let next = fetched(parts[0]);
    for (let i = 0; i < parts.length && !signal.aborted; i += 1) {
      const blob = await next;
      if (signal.aborted) return;
      if (i + 1 < parts.length) {
        next = fetched(parts[i + 1]);
        next.catch(() => {}); // it is awaited, and told, when its turn comes
      }
      await this.#sound(blob, signal);
    }
  }

  /** @param {Blob} blob @param {AbortSignal} signal */
  async #sound(blob, signal) {
    const url = URL.createObjectURL(blob);
    try {
      this.audio.src = url;
      await this.audio.play();
      this.tell("playing");
      await new Promise((resolve, reject) => {
        this.audio.onended = resolve;
        this.audio.onerror = () => reject(new Error("読み上げの音声を再生できませんでした。"));
        signal.addEventListener("abort", resolve);
      });
    } finally {
      URL.revokeObjectURL(url);
    }
  }
}
