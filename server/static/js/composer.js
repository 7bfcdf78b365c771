/** Where a question is typed or spoken. Keeps the text until it was accepted. */

import { byId, h } from "./dom.js";
import { Microphone } from "./microphone.js";
import { clock } from "./time.js";

/**
 * @typedef {{onText: (text: string) => boolean, onVoice: (recording: Blob) => void, onListen: () => void,
 *            onDraft: (text: string) => void, maxChars: number, maxVoiceS: number}} ComposerOptions onText says whether the
 *            question was taken
 */

const LISTENING = "聞いています…";
const UNHEARD = "声が届いていません。マイクに近づいてお話しください。";
const UNHEARD_S = 5;
const SOUNDLESS = 0.01; // a level that no room is as quiet as: the microphone is switched off
const UNMEASURED = 0.1; // what is drawn where the browser lets nothing be measured

export class Composer {
  /** @param {ComposerOptions} options */
  constructor(options) {
    this.options = options;
    this.form = byId("composer");
    /** @type {HTMLTextAreaElement} */
    this.input = byId("question");
    this.wrong = byId("composer-wrong");
    this.typing = byId("typing");
    this.listening = byId("listening");
    this.voice = byId("voice");
    this.cancelled = false;
    this.heard = false;
    this.measured = false;
    this.microphone = new Microphone((level) => this.#meter(level));
    this.#wire();
  }

  #wire() {
    this.form.addEventListener("submit", (/** @type {Event} */ e) => { e.preventDefault(); this.send(); });
    this.input.addEventListener("keydown", (e) => {
      // keyCode 229: Safari reports the Enter that ends a conversion as not composing
      if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
      e.preventDefault();
      this.send();
    });
    this.input.addEventListener("input", () => { this.fit(); this.complain(""); this.options.onDraft(this.input.value); });
    this.voice?.addEventListener("click", () => this.listen());
    byId("voice-done")?.addEventListener("click", () => this.finish(false));
    byId("voice-cancel")?.addEventListener("click", () => this.finish(true));
    this.listening?.addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => e.key === "Escape" && this.finish(true));
  }

  /** The field grows with its text. */
  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 4}px`;
  }

  /** @param {string} text @param {boolean} [focus] */
  put(text, focus = true) {
    this.input.value = text;
    this.options.onDraft(text);
    this.fit();
    if (!focus) return;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  /** @param {string} message empty when all is well */
  complain(message) {
    this.wrong.hidden = !message;
    byId("composer-wrong-text").textContent = message;
    if (message) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  send() {
    const text = this.input.value.trim();
    if (!text) return this.refuse("質問を入力してください。");
    const over = text.length - this.options.maxChars;
    if (over > 0) return this.refuse(`質問は${this.options.maxChars}文字までです。あと${over}文字短くしてください。`);
    if (!this.options.onText(text)) return undefined;
    this.complain("");
    this.put("", matchMedia("(pointer: fine)").matches);
    return undefined;
  }

  /** @param {string} message */
  refuse(message) {
    this.complain(message);
    this.input.focus();
  }

  async listen() {
    if (this.voice.getAttribute("aria-disabled") === "true") return;
    this.complain("");
    this.options.onListen();
    this.voice.setAttribute("aria-disabled", "true");
    let session;
    try {
      session = await this.microphone.start();
    } catch (error) {
      this.complain(/** @type {Error} */ (error).message);
      return;
    } finally {
      this.voice.setAttribute("aria-disabled", "false");
    }
    this.cancelled = false;
    this.#show(true);
    const recording = await session.recorded;
    this.#show(false);
    if (!this.cancelled) this.options.onVoice(recording);
  }

  /** @param {boolean} cancelled */
  finish(cancelled) {
    this.cancelled = cancelled;
    this.microphone.stop();
  }

  /** @param {number | null} level null at first, too: a phone takes a while to begin */
  #meter(level) {
    byId("level").style.setProperty("--level", (level ?? UNMEASURED).toFixed(2));
    this.measured = level !== null;
    this.heard ||= level !== null && level > SOUNDLESS;
  }

  /** @param {string} words read out when they change */
  #tell(words) {
    const told = byId("listening-words");
    if (told.textContent !== words) told.replaceChildren(h("span", {}, words));
  }

  /** @param {boolean} on */
  #show(on) {
    this.typing.hidden = on;
    this.listening.hidden = !on;
    clearInterval(this.timer);
    if (!on) {
      byId("listening-words").textContent = "";
      this.voice.focus();
      return;
    }
    this.heard = this.measured = false;
    this.#tell(LISTENING);
    const began = performance.now();
    const tick = () => {
      const seconds = (performance.now() - began) / 1000;
      byId("elapsed").textContent = `${clock(seconds)} ／ ${clock(this.options.maxVoiceS)}`;
      this.#tell(this.measured && !this.heard && seconds >= UNHEARD_S ? UNHEARD : LISTENING);
      if (seconds >= this.options.maxVoiceS - 1) this.finish(false);
    };
    tick();
    this.timer = setInterval(tick, 250);
    byId("voice-done").focus();
  }
}
