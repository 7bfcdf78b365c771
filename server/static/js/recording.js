/** The page of one recording: waits while it is worked on, then shows what was said next to the player. */

import { json, post } from "./api.js";
import { offerCopies } from "./copying.js";
import { byId, h, icon } from "./dom.js";
import { closeOpen, Editor, inHand, isOpen, isWriting } from "./editor.js";
import { failure } from "./failure.js";
import { Finding } from "./finding.js";
import { showKeeping } from "./keeping.js";
import { Lines, unsure } from "./lines.js";
import { Looked } from "./looked.js";
import { Player } from "./player.js";
import { progressBar, stateChip, working } from "./records.js";
import { clock } from "./time.js";
import { focusOn, said } from "./words.js";
import { chooseStyle, style } from "./writing.js";

const POLL_MS = 2000;
const WATCH_MS = 10_000;
const UNSURE = ".unsure-word, .unsure .said:not(:has(.unsure-word)) > .word:first-child"; // where words have no times, the line is

/** @typedef {import("./lines.js").Segment} Segment */
/** @typedef {(segment: Segment, ...more: (Node | null)[]) => HTMLElement} Said what a segment says, and the button to correct it */
/**
 * @typedef {{url: string, segments: (record: any) => Segment[], title: (record: any) => string, facts: (record: any) => HTMLElement[],
 *            logged?: boolean,
 *            line?: (segment: Segment) => Segment, draw: (segments: Segment[], box: HTMLElement, said: Said, redraw: () => void) => HTMLElement[],
 *            ready?: (play: (seconds: number) => void) => void, changed?: () => void,
 *            notes?: {kinds: [string, string][], note: (kind: any, number: number) => Promise<string>}}} Options
 * `line` makes of a segment that is brought on its own what `segments` makes of each
 * `ready` hears how to play, `changed` when the text is another; `notes` is what an utterance can be noted as
 * Where what is done is `logged`, the recording is asked for when it is played and no earlier, and files are made for a purpose.
 */

/** @param {Options} options */
export async function showRecording(options) {
  const status = byId("status");
  let record;
  try {
    record = await json(`${options.url}${location.search}`);
  } catch (error) {
    const e = /** @type {import("./api.js").ApiError} */ (error);
    status.replaceChildren(h("div", { class: "notice bad" }, ...failure(e)));
    if (e.status === 0 || e.status >= 500) setTimeout(() => showRecording(options), POLL_MS * 2);
    return;
  }
  head(options, record);
  status.replaceChildren(...progress(record, options));
  if (working(record)) return nextLook(() => showRecording(options));
  if (options.logged) offerCopies(options.url, record.state === "done");
  if (record.state === "done") done(options, record);
}

/** What the recording is, above everything. @param {Options} options @param {any} record */
export function head(options, record) {
  const title = options.title(record);
  byId("record-title").textContent = title;
  document.title = document.title.replace(/^[^｜]*/, () => title);
  byId("facts").replaceChildren(...options.facts(record));
  showKeeping(options.url, record);
}

/** @param {any} record @param {Options} options */
function progress(record, options) {
  const title = options.title(record);
  if (record.state === "failed") {
    return [h("div", { class: "notice bad" }, icon("alert"), h("div", {}, h("p", {}, h("strong", {}, "文字にできませんでした。")), h("p", {}, record.message ?? ""),
      h("p", { class: "row" }, h("button", { type: "button", class: "button small", onclick: () => retry(options) }, icon("retry"), "もう一度文字にする"),
        options.logged ? null : h("a", { class: "button small", href: `${options.url}/audio`, download: "" }, icon("download"), "録音を保存する"))))];
  }
  if (!working(record)) return [];
  return [h("div", { class: "card sending" }, h("div", { class: "row" }, stateChip(record)), progressBar(record, title),
    record.message ? h("p", { class: "wrong" }, icon("alert"), record.message) : null,
    h("p", { class: "hint" }, "この画面を閉じても、作業は続きます。"))];
}

/** Begin again what failed. @param {Options} options */
async function retry(options) {
  try {
    await post(`${options.url}/retry`, {});
    showRecording(options);
  } catch (error) {
    byId("status").replaceChildren(h("div", { class: "notice bad" }, ...failure(/** @type {any} */ (error), () => retry(options))));
  }
}

/** @param {() => void} look */
async function nextLook(look) {
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  if (document.hidden) document.addEventListener("visibilitychange", look, { once: true });
  else look();
}

/** @param {Options} options @param {any} record */
function done(options, record) {
  byId("result").hidden = false;
  const page = new Page(options, record);
  options.ready?.(page.play);
  chooseStyle(() => page.read());
  page.goToAddress();
  page.watch();
}

/** The text beside the player. */
class Page {
  /** @param {Options} options @param {any} record */
  constructor(options, record) {
    this.options = options;
    this.line = options.line ?? ((/** @type {Segment} */ segment) => segment);
    this.latest = 0;
    this.revision = record.revision;
    this.noted = "";
    this.saves = 0;
    /** @type {Map<number, Utterance>} */
    this.utterances = new Map();
    this.lines = new Lines((seconds) => this.player.playFrom(seconds));
    this.player = new Player(`${options.url}/audio`, (now, plays) => {
      this.lines.mark(now);
      if (plays) this.looked.hear(now, this.lines.current);
    }, options.logged ? record.duration_s : null);
    this.play = (/** @type {number} */ seconds) => this.player.playFrom(seconds);
    this.looked = new Looked(options.url, (segment) => this.#goTo(segment));
    byId("next-unsure").addEventListener("click", () => this.nextUnsure());
    document.addEventListener("keydown", (e) => { if (e.key === "F9" && !e.isComposing && e.keyCode !== 229) { e.preventDefault(); this.nextUnsure(); } });
    this.finding = new Finding({ url: options.url, play: this.play, changed: () => this.catchUp() });
    this.show(options.segments(record));
  }

  /** Look now and then whether somebody has corrected something on another page. */
  async watch() {
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    if (document.hidden) await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
    const now = await json(`${this.options.url}/version`).catch(() => null);
    if (now && now.noted !== this.noted) this.options.changed?.();
    if (now) this.noted = now.noted;
    if (now && now.revision !== this.revision) await this.#takeOver().catch(() => undefined); // the next look tries again
    this.watch();
  }

  /** Show what others have corrected, but not under the hands of somebody who writes. */
  async #takeOver() {
    const fresh = await this.#fresh();
    if (fresh.segments === this.segments) this.revision = fresh.revision; // it was corrected here
    else if (!isOpen()) {
      this.#take(fresh);
      this.finding.tell("ほかの画面で直された文を読み込みました。");
    } else if (this.told !== fresh.revision) {
      this.finding.tell("ほかの画面で直されました。書いている発言を保存するか、やめると、ここにも出ます。");
      this.told = fresh.revision;
    }
  }

  /** Bring what was corrected since the text was read, here or elsewhere, and show it. */
  async catchUp() {
    this.#take(await this.#fresh());
  }

  /** The text as it is kept now; the very segments that are here where nothing of them is another. */
  async #fresh() {
    const [reads, saves] = [this.latest, this.saves];
    const { revision, numbers, speakers, segments } = await json(`${this.options.url}/fresh?since=${this.revision}&${style()}`);
    const isOld = reads !== this.latest || saves !== this.saves || revision < this.revision; // what is here is newer
    if (isOld) return { revision: this.revision, segments: this.segments };
    const known = new Map(this.segments.map((s) => [s.number, s]));
    const who = new Map(Object.entries(speakers).flatMap(([name, said]) => said.map((/** @type {number} */ n) => [n, name])));
    for (const [n, s] of known) {
      const { speaker } = this.line({ ...s, speaker: who.get(n) ?? null });
      if (speaker !== s.speaker) known.set(n, { ...s, speaker });
    }
    for (const segment of segments.map(this.line)) {
      if (JSON.stringify(segment) !== JSON.stringify(known.get(segment.number))) known.set(segment.number, segment);
    }
    const all = numbers.map((/** @type {number} */ n) => known.get(n));
    const isSame = all.length === this.segments.length && this.segments.every((s, i) => s === all[i]);
    return { revision, segments: isSame ? this.segments : all };
  }

  /** Draw what is another, all of it where utterances came, went or are another speaker's. @param {{revision: number, segments: Segment[]}} fresh */
  #take({ revision, segments }) {
    this.revision = revision;
    const isInPlace = !isOpen() && segments.length === this.segments.length
      && segments.every((s, i) => s.number === this.segments[i].number && s.speaker === this.segments[i].speaker);
    if (isInPlace) {
      for (const [i, segment] of segments.entries()) if (segment !== this.segments[i]) this.#put(this.segments[i], segment);
      this.count();
    } else this.show(segments);
    this.player.draw();
  }

  /** @param {Segment} here @param {Segment} fresh */
  #put(here, fresh) {
    Object.assign(here, fresh);
    const utterance = this.utterances.get(here.number);
    const isHere = utterance?.box.contains(document.activeElement);
    utterance?.write();
    if (isHere) utterance?.focus();
  }

  /** Read the text anew, in the style that is chosen. */
  async read() {
    const mine = ++this.latest;
    const wrong = byId("style-wrong");
    try {
      const record = await json(`${this.options.url}?${style()}`);
      if (mine !== this.latest) return;
      wrong.hidden = true;
      this.#take({ revision: record.revision, segments: this.options.segments(record) });
    } catch (error) {
      wrong.replaceChildren(icon("alert"), /** @type {Error} */ (error).message);
      wrong.hidden = false;
    }
  }

  /** @param {Segment[]} segments */
  show(segments) {
    const writing = inHand();
    const here = [...this.utterances.values()].find((utterance) => utterance.box.contains(document.activeElement));
    this.segments = segments;
    this.utterances.clear();
    const box = byId("lines");
    if (!segments.length) box.replaceChildren(h("p", { class: "empty" }, "話し声が見つかりませんでした。"));
    /** @type {Said} */
    const write = (segment, ...more) => {
      const utterance = new Utterance(this, segment, more);
      this.utterances.set(segment.number, utterance);
      return utterance.box;
    };
    const elements = segments.length ? this.options.draw(segments, box, write, () => this.redraw()) : [];
    this.lines.show(segments, elements);
    this.looked.show(segments, elements);
    this.count();
    if (writing) this.#goOn(writing);
    else if (here) this.utterances.get(here.segment.number)?.focus(); // who goes by the keyboard stays where they were
  }

  /** A place that the address names (#t=12.5) comes into view, and is where the player stands. */
  goToAddress() {
    const at = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    const segment = at && this.segments.findLast((s) => s.start <= Number(at[1]) + 0.05);
    if (!segment) return;
    this.lines.elements[this.segments.indexOf(segment)]?.scrollIntoView({ block: "center" });
    this.player.stand(segment.start);
  }

  /** @param {Segment} segment */
  #goTo(segment) {
    this.lines.elements[this.segments.indexOf(segment)]?.scrollIntoView({ block: "center" });
    this.play(segment.start);
    this.utterances.get(segment.number)?.focus();
  }

  /** On to the next word that was hardly heard, from the one that has the focus, in what nobody has looked through; it is played. */
  nextUnsure() {
    if (isWriting()) return;
    closeOpen();
    const box = byId("lines");
    const words = /** @type {HTMLElement[]} */ ([...box.querySelectorAll(UNSURE)]).filter((w) => !w.closest(".looked"));
    const here = document.activeElement && box.contains(document.activeElement) ? document.activeElement : null;
    const next = words.find((w) => here && here !== w && here.compareDocumentPosition(w) & Node.DOCUMENT_POSITION_FOLLOWING) ?? words.find((w) => w !== here);
    if (!next) {
      this.finding.tell("自信のない語は、もう残っていません。");
      return;
    }
    next.scrollIntoView({ block: "center" });
    const segment = this.segments[this.lines.elements.findIndex((line) => line.contains(next))];
    this.play(Math.max(0, focusOn(next, segment) - 1));
  }

  /** @param {import("./editor.js").Writing} writing */
  #goOn(writing) {
    const utterance = this.utterances.get(writing.number);
    if (utterance) utterance.edit(writing);
    else this.finding.tell(`書きかけの発言は、ほかの画面でなくなりました。書いていた文:「${writing.text}」`);
  }

  /** After utterances were parted or joined. @param {number} number @param {string} words @param {number} at where the cursor goes */
  async moved(number, words, at) {
    await this.catchUp();
    this.finding.tell(words);
    this.utterances.get(number)?.edit(undefined, at);
  }

  /** What an utterance can be joined with. @param {Segment} segment */
  next(segment) {
    return this.segments.slice(this.segments.indexOf(segment) + 1).find((s) => s.channel === segment.channel);
  }

  /** After the names of speakers were changed, which can be taken back. */
  redraw() {
    this.show(this.segments);
    this.finding.refresh();
  }

  /** What there is to be checked, and the marks that need explaining. */
  count() {
    this.options.changed?.();
    const box = byId("lines");
    const unsure = box.querySelectorAll(".chip.yuzu").length;
    byId("unsure").hidden = unsure === 0;
    byId("unsure-count").textContent = `${unsure}か所`;
    byId("legend-changed").hidden = !box.querySelector(".changed, .undone");
    byId("legend-out").hidden = !box.querySelector(".out");
    byId("legend-unsure").hidden = !box.querySelector(".unsure-word");
    byId("next-unsure").hidden = !box.querySelector(UNSURE);
  }

  /** @param {number} number @param {Segment} fresh @param {import("./finding.js").Word[]} elsewhere @param {boolean} next */
  saved(number, fresh, elsewhere, next) {
    const n = this.segments.findIndex((s) => s.number === number);
    const segment = this.segments[n];
    if (!segment) return;
    this.saves += 1;
    const moved = this.line(fresh).speaker !== segment.speaker;
    const corrected = moved || fresh.text !== segment.text;
    Object.assign(segment, this.line(fresh));
    this.looked.add(number);
    if (moved) this.show(this.segments);
    else this.utterances.get(number)?.write();
    this.count();
    if (corrected) this.finding.tell("直しました。", elsewhere);
    const following = this.segments[n + 1];
    if (next && following) this.utterances.get(following.number)?.edit();
    else this.utterances.get(number)?.focus();
  }
}

/** One segment: its text, or the editor of it. */
class Utterance {
  /** @param {Page} page @param {Segment} segment @param {(Node | null)[]} more behind the text */
  constructor(page, segment, more) {
    this.page = page;
    this.segment = segment;
    this.more = more;
    this.box = h("div", { class: "utterance" });
    this.write();
  }

  write() {
    const segment = this.segment;
    const decide = async (/** @type {number} */ k, /** @type {boolean} */ undone) => {
      const url = `${this.page.options.url}/segments/${segment.number}/changes/${k}?${style()}`;
      const { heard, text, words, changes } = await (await post(url, { undone, was: segment.text })).json();
      Object.assign(segment, { heard, text, words, changes });
      this.write();
      this.page.count();
      /** @type {HTMLElement | null} */ (this.box.querySelector(`[data-change="${k}"]`) ?? this.box.querySelector("[tabindex='0']"))?.focus();
    };
    const more = unsure(segment) ? this.more : [];
    const edit = h("button", { type: "button", class: "edit", "aria-label": `${clock(segment.start)}の発言を直す`, onclick: (/** @type {Event} */ e) => { e.stopPropagation(); this.edit(); } }, icon("edit"), "直す");
    this.box.replaceChildren(said(segment, { play: this.page.play, decide }, ...more), edit);
  }

  /** @param {import("./editor.js").Writing} [writing] to go on with @param {number} [at] where the cursor goes */
  edit(writing, at) {
    if (isWriting()) return;
    closeOpen();
    const { options, play, player } = this.page;
    const desk = {
      url: options.url, line: this.page.line, play, listen: (/** @type {number} */ s) => player.listen(s),
      saved: this.page.saved.bind(this.page), next: this.page.next.bind(this.page), moved: this.page.moved.bind(this.page), notes: options.notes, told: (/** @type {string} */ words) => this.page.finding.tell(words),
    };
    const editor = new Editor(this.box, this.segment, desk, () => { this.write(); this.focus(); });
    if (writing) editor.goOn(writing);
    else editor.begin(at);
  }

  focus() {
    /** @type {HTMLElement | null} */ (this.box.querySelector(".edit"))?.focus();
  }
}
