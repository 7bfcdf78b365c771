/** Reads a text aloud, sentence by sentence, so that the first is heard while the next is still being spoken by the server. */

import { ApiError, post } from "./api.js";

const LONGEST_CHARS = 90;
const EMPTY_BYTES = 44; // of a sound file in which nothing is said: an address alone on its line
const BUSY = 503;
const PAUSE_MS = 2_000, TRIES = 8; // while others' voices are made, which takes seconds each
const UNPLAYABLE = "読み上げの音声を再生できませんでした。もう一度「読み上げる」を押してください。";

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

/** @param {string} part @param {AbortSignal} signal @returns {Promise<Blob>} */
async function spoken(part, signal) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await (await post("/api/speak", { text: part }, signal)).blob();
    } catch (error) {
      if (/** @type {ApiError} */ (error).status !== BUSY || tried === TRIES || signal.aborted) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
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
   * To be called while the press that asks for it is handled: phones let a page play nothing else, but they let a player that was
   * loaded then play later, when the voice has come.
   * @param {string} text
   * @param {(state: ReaderState, error?: Error) => void} tell
   */
  async read(text, tell) {
    this.stop();
    this.audio.load();
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
      tell("idle", error instanceof ApiError ? error : new Error(UNPLAYABLE));
    }
  }

  /** @param {string[]} parts @param {AbortSignal} signal */
  async #play(parts, signal) {
    let next = spoken(parts[0], signal);
    for (let i = 0; i < parts.length && !signal.aborted; i += 1) {
      const blob = await next;
      if (signal.aborted) return;
      if (i + 1 < parts.length) {
        next = spoken(parts[i + 1], signal);
        next.catch(() => {}); // it is awaited, and told, when its turn comes
      }
      if (blob.size > EMPTY_BYTES) await this.#sound(blob, signal);
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
        this.audio.onerror = reject;
        signal.addEventListener("abort", resolve);
      });
    } finally {
      URL.revokeObjectURL(url);
    }
  }
}
