/** The audio player of a recording: play, seek, skip, speed, and keys that work anywhere outside a control. */

import { byId, icon } from "./dom.js";
import { clock } from "./time.js";

const SKIP_S = 5;
const BACK_S = 3;
const CONTROLS = "input, textarea, select, button, [role=button], a, summary, dialog, [contenteditable]";

export class Player {
  /**
   * @param {string} source @param {(seconds: number, plays: boolean) => void} onTime
   * @param {number | null} lengthS where that is known and nothing may be loaded before it is played
   */
  constructor(source, onTime, lengthS = null) {
    this.audio = new Audio();
    this.audio.preload = lengthS === null ? "metadata" : "none";
    this.lengthS = lengthS ?? 0;
    this.onTime = onTime;
    /** @type {HTMLInputElement} */
    this.seek = byId("seek");
    this.button = byId("play");
    this.#controls();
    this.#events();
    document.addEventListener("keydown", (e) => this.#key(e));
    this.audio.src = source;
    byId("player").hidden = false;
    this.draw();
  }

  #controls() {
    this.button.addEventListener("click", () => this.toggle());
    byId("rewind").addEventListener("click", () => this.skip(-SKIP_S));
    byId("forward").addEventListener("click", () => this.skip(SKIP_S));
    byId("speed").addEventListener("change", (/** @type {any} */ e) => { this.audio.playbackRate = Number(e.target.value); });
    this.seek.addEventListener("input", () => { this.audio.currentTime = Number(this.seek.value); });
  }

  #events() {
    for (const name of ["timeupdate", "seeked", "loadedmetadata", "durationchange"]) this.audio.addEventListener(name, () => this.draw());
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.#state());
    this.audio.addEventListener("play", () => this.#follow());
    this.audio.addEventListener("error", () => { byId("player-wrong").hidden = false; });
  }

  /** timeupdate comes four times a second; the highlight should not lag behind what is heard. */
  #follow() {
    if (this.audio.paused) return;
    this.draw();
    requestAnimationFrame(() => this.#follow());
  }

  toggle() {
    if (this.audio.paused) this.audio.play().catch(() => { byId("player-wrong").hidden = false; });
    else this.audio.pause();
  }

  /** Play from there, or stop what plays. @param {number} seconds */
  listen(seconds) {
    if (this.audio.paused) this.playFrom(seconds);
    else this.toggle();
  }

  /** @param {number} seconds */
  playFrom(seconds) {
    this.audio.currentTime = seconds;
    if (this.audio.paused) this.toggle();
  }

  /** @param {number} seconds from where it is played, once that is asked for */
  stand(seconds) {
    this.audio.currentTime = seconds;
  }

  /** @param {number} seconds */
  skip(seconds) {
    this.audio.currentTime = Math.max(0, Math.min(this.audio.duration || this.lengthS || Infinity, this.audio.currentTime + seconds));
  }

  #state() {
    const paused = this.audio.paused;
    this.button.replaceChildren(icon(paused ? "play" : "pause"), paused ? "再生" : "一時停止");
  }

  draw() {
    const length = Number.isFinite(this.audio.duration) ? this.audio.duration : this.lengthS;
    const now = this.audio.currentTime;
    const text = `${clock(now)} ／ ${clock(length)}`;
    if (byId("times").textContent !== text) {
      byId("times").textContent = text;
      this.seek.max = String(length);
      this.seek.value = String(now);
      this.seek.setAttribute("aria-valuetext", text);
    }
    this.onTime(now, !this.audio.paused);
  }

  /** F7 and F8 work while something is written, too, but are the input method's own while it converts. @param {KeyboardEvent} e */
  #key(e) {
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key === "F7" || e.key === "F8") {
      if (e.key === "F8") this.toggle();
      else this.skip(-BACK_S);
      e.preventDefault();
      return;
    }
    if (e.ctrlKey || e.altKey || e.metaKey || /** @type {Element} */ (e.target).closest(CONTROLS)) return;
    if (e.key === " ") this.toggle();
    else if (e.key === "ArrowLeft") this.skip(-SKIP_S);
    else if (e.key === "ArrowRight") this.skip(SKIP_S);
    else return;
    e.preventDefault();
  }
}
