/** An utterance written anew beside the player: what is typed is never lost, and never put over what somebody else wrote. */

import { json, post, request } from "./api.js";
import { h, icon } from "./dom.js";
import { loginLink } from "./failure.js";
import { guard } from "./leaving.js";
import { style } from "./writing.js";

const LONGEST = 2000;

/** @typedef {import("./lines.js").Segment} Segment */
/**
 * @typedef {{url: string, line: (segment: Segment) => Segment, play: (seconds: number) => void, listen: (seconds: number) => void,
 *            next: (segment: Segment) => Segment | undefined, moved: (number: number, words: string, at: number) => Promise<void>,
 *            saved: (number: number, fresh: Segment, elsewhere: import("./finding.js").Word[], next: boolean) => void,
 *            notes?: {kinds: [string, string][], note: (kind: any, number: number) => Promise<string>},
 *            told: (words: string) => void}} Desk
 * `notes` is what an utterance can be noted as; `next` is what an utterance can be joined with; `moved` has the text read anew and an utterance opened, the cursor at a place of it
 */

/** @typedef {{number: number, was: string, text: string, speaker: string | null}} Writing what is being written, and for what */

/** @type {Editor | null} */
let open = null;
guard(() => open?.dirty);

export class Editor {
  /** @param {HTMLElement} box where the text stands @param {Segment} segment @param {Desk} desk @param {() => void} close draws the text again */
  constructor(box, segment, desk, close) {
    this.segment = segment;
    this.was = segment.text;
    this.desk = desk;
    this.close = close;
    this.text = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "input", rows: 2, maxlength: LONGEST, "aria-label": "発言を直す", "aria-describedby": "editor-keys" }));
    this.text.value = segment.text;
    this.speaker = segment.channel === null ? /** @type {HTMLInputElement} */ (h("input", { class: "input", value: segment.speaker ?? "", maxlength: 60, list: "names", autocomplete: "off" })) : null;
    this.wrong = h("div", { class: "wrong", role: "alert" });
    this.wrong.hidden = true;
    box.replaceChildren(this.#form());
    this.warned = false;
    this.text.addEventListener("input", () => { this.warned = false; this.#fit(); });
    this.#fit();
    open = this;
  }

  /** Go on with what was typed before the text was drawn anew. @param {Writing} writing */
  goOn(writing) {
    this.was = writing.was;
    this.text.value = writing.text;
    if (this.speaker) this.speaker.value = writing.speaker ?? "";
    this.#fit();
  }

  /** @param {number} [at] where the cursor goes; for a half that was just parted, to the name of who said it */
  begin(at) {
    this.text.focus({ preventScroll: true });
    this.text.scrollIntoView({ block: "nearest" }); // below the player, which a browser that shows the cursor takes no heed of
    if (at !== undefined) this.text.setSelectionRange(at, at);
    if (at !== 0 || !this.speaker) return;
    this.speaker.focus();
    this.speaker.select();
  }

  get dirty() {
    return this.text.isConnected && (this.text.value !== this.was || (this.speaker !== null && this.speaker.value !== (this.segment.speaker ?? "")));
  }

  #form() {
    const form = h("form", { class: "editor", novalidate: true, onsubmit: (/** @type {Event} */ e) => { e.preventDefault(); this.save(false); } },
      this.text,
      this.speaker ? h("label", { class: "editor-speaker" }, "この発言をした人", this.speaker) : null,
      this.wrong,
      h("div", { class: "row" },
        h("button", { class: "button small main" }, icon("check"), "保存"),
        h("button", { type: "button", class: "button small", onclick: () => this.save(true) }, "保存して次へ"),
        h("button", { type: "button", class: "button small", onclick: () => this.desk.play(this.segment.start) }, icon("play"), "ここを聞く"),
        h("button", { type: "button", class: "button small", onclick: () => this.split() }, "カーソルの位置で分ける"),
        this.desk.next(this.segment) ? h("button", { type: "button", class: "button small", onclick: () => this.join() }, "次の発言とつなぐ") : null,
        h("button", { type: "button", class: "button small quiet", onclick: () => this.leave() }, "やめる")),
      this.#notes(),
      h("p", { id: "editor-keys", class: "keys" }, "Enterキーで保存、CtrlキーとEnterキーで保存して次の発言へ、ShiftキーとEnterキーでカーソルの位置で分ける、ShiftキーとDeleteキーで次の発言とつなぐ、Escキーでやめる、F2キーでここを聞く、もう一度押すと止まります。"));
    form.addEventListener("click", (e) => e.stopPropagation());
    form.addEventListener("keydown", (e) => this.#key(e));
    return form;
  }

  #notes() {
    const { notes } = this.desk;
    const note = async (/** @type {string} */ kind) => {
      if (this.dirty) this.tell("書き留める前に、書きかけの文を保存してください。");
      else if (notes) this.desk.told(await notes.note(kind, this.segment.number));
    };
    return notes ? h("div", { class: "row", role: "group", "aria-label": "この発言を書き留める" }, "書き留める:",
      ...notes.kinds.map(([kind, name]) => h("button", { type: "button", class: "button small quiet", onclick: () => note(kind) }, name))) : null;
  }

  #fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 4}px`;
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (e.isComposing || e.keyCode === 229) return; // Enter that ends a conversion of kana is not for us; Safari says so by 229 only
    if (e.key === "F2") this.desk.listen(this.segment.start);
    else if (e.key === "Escape") this.#escape();
    else if (e.key === "Enter" && e.shiftKey && e.target === this.text) this.split();
    else if (e.key === "Delete" && e.shiftKey && e.target === this.text && this.text.selectionStart === this.text.selectionEnd) this.join();
    else if (e.key === "Enter" && (e.target === this.text || e.ctrlKey)) this.save(e.ctrlKey);
    else return;
    e.preventDefault();
  }

  /** What was typed is thrown away by a second Escape only: the first may have been meant for the input of kana. */
  #escape() {
    if (!this.dirty || this.warned) return this.leave();
    this.warned = true;
    return this.tell("もう一度Escキーを押すと、書きかけの文を捨てます。");
  }

  /** @param {string} words */
  tell(words) {
    this.wrong.replaceChildren(icon("alert"), h("p", {}, words));
    this.wrong.hidden = false;
    this.text.focus();
  }

  leave() {
    if (open === this) open = null;
    this.close();
  }

  /** @param {boolean} next whether to go on with the next utterance */
  save(next) {
    const fresh = { text: this.text.value, speaker: this.speaker?.value.trim() || null };
    if (!this.dirty) return this.#done(this.segment, [], next);
    return this.#send(async () => {
      const body = JSON.stringify({ was: this.was, ...fresh });
      const reply = await request(this.#url(""), { method: "PATCH", body, headers: { "content-type": "application/json" } });
      const { segment, elsewhere } = await reply.json();
      this.#done(segment, elsewhere, next);
    });
  }

  /** Two utterances of one, parted where the cursor stands; what was typed goes with them. */
  split() {
    if (this.#speakerWaits()) return undefined;
    const at = this.text.selectionStart;
    const [first, second] = [this.text.value.slice(0, at), this.text.value.slice(at)];
    return this.#send(async () => {
      const { number } = await (await post(this.#url("/split"), { was: this.was, first, second })).json();
      this.#closed();
      await this.desk.moved(number, "分けました。後の発言をした人を確かめてください。", 0);
    });
  }

  /** One utterance of this and the next; what was typed goes with them. */
  join() {
    const next = this.desk.next(this.segment);
    if (!next || this.#speakerWaits()) return undefined;
    const text = this.text.value;
    return this.#send(async () => {
      await post(this.#url("/join"), { was: this.was, text, next_was: next.text });
      this.#closed();
      await this.desk.moved(this.segment.number, "次の発言とつなぎました。", text.length);
    });
  }

  /** Whether another name was typed: it is not known of which part. */
  #speakerWaits() {
    const waits = this.speaker !== null && this.speaker.value !== (this.segment.speaker ?? "");
    if (waits) this.tell("話した人を変えたときは、先に保存してから、分けるかつなぐかしてください。");
    return waits;
  }

  /** @param {string} path */
  #url(path) {
    return `${this.desk.url}/segments/${this.segment.number}${path}?${style()}`;
  }

  /** @param {() => Promise<void>} work one at a time */
  async #send(work) {
    if (this.saving) return;
    this.saving = true;
    try {
      await work();
    } catch (error) {
      await this.#failed(/** @type {import("./api.js").ApiError} */ (error));
    } finally {
      this.saving = false;
    }
  }

  #closed() {
    if (open === this) open = null;
  }

  /** @param {Segment} fresh @param {import("./finding.js").Word[]} elsewhere @param {boolean} next */
  #done(fresh, elsewhere, next) {
    this.#closed();
    this.desk.saved(this.segment.number, fresh, elsewhere, next);
  }

  /** What was typed stays; what somebody else wrote meanwhile stands beside it. @param {import("./api.js").ApiError} error */
  async #failed(error) {
    const more = error.status === 401 ? loginLink(true) : null;
    let now = null;
    if (error.code === "superseded") {
      const current = await json(this.#url("")).catch(() => null);
      if (current) {
        Object.assign(this.segment, this.desk.line(current));
        this.was = current.text;
        now = h("p", {}, "今の文: ", h("q", {}, current.text));
      }
    }
    this.wrong.replaceChildren(icon("alert"), h("div", {}, h("p", {}, error.message), now, more));
    this.wrong.hidden = false;
    this.text.focus();
  }
}

/** Whether something is being written; then its editor gets the focus. */
export function isWriting() {
  if (!open?.dirty) return false;
  open.tell("書きかけの文があります。保存するか、やめるかを選んでください。");
  return true;
}

/** Whether an utterance is open to be corrected. */
export function isOpen() {
  return Boolean(open?.text.isConnected);
}

/** What is being written, before the text is drawn anew. @returns {Writing | null} */
export function inHand() {
  const writing = open?.dirty ? { number: open.segment.number, was: open.was, text: open.text.value, speaker: open.speaker?.value ?? null } : null;
  open = null;
  return writing;
}

/** Close an editor in which nothing was written. */
export function closeOpen() {
  open?.leave();
}
