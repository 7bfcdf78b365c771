/** Live captions for a room: the microphone's speech as large text. */

import { json } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { loginLink } from "./failure.js";
import { guard } from "./leaving.js";
import { LiveMicrophone } from "./microphone-live.js";
import { Recogniser } from "./recogniser.js";

const NEAR_END_PX = 80;
const box = byId("captions");
const partial = byId("partial");
/** @type {{at: Date, text: string}[]} */
const said = [];
let saved = 0; // of them
/** @type {{microphone: LiveMicrophone, recogniser: Recogniser} | null} */
let running = null;
let following = true;

/** @param {string} text */
const tell = (text) => { byId("status").textContent = text; };

/** @param {string} [message] */
function complain(message) {
  byId("wrong").hidden = !message;
  byId("wrong-text").textContent = message ?? "";
}

function follow() {
  if (following) box.scrollTop = box.scrollHeight;
  byId("latest").hidden = following;
}

/** @param {string} text */
function showPartial(text) {
  partial.textContent = text;
  follow();
}

/** @param {string} text */
function add(text) {
  partial.textContent = "";
  if (text) {
    said.push({ at: new Date(), text });
    byId("finals").append(h("p", {}, text));
    byId("none").hidden = true;
    byId("save").disabled = false;
  }
  follow();
}

/** @param {boolean} on */
function showButton(on) {
  const button = byId("toggle");
  button.replaceChildren(icon(on ? "stop" : "mic"), on ? "字幕を止める" : "字幕を始める");
  button.classList.toggle("alarm", on);
}

async function lost() {
  tell("接続が切れました。つなぎ直しています…（表示した字幕は残ります）");
  try {
    await json("/api/staff/categories");
  } catch (error) {
    if (/** @type {any} */ (error).status !== 401) return;
    await halt();
    complain("ログインの時間が切れました。表示した字幕は残っています。ログインしてから、もう一度始めてください。");
    byId("wrong-text").append(" ", loginLink(true));
  }
}

/** @param {string} message @param {string} code */
function refused(message, code) {
  complain(message);
  if (code === "unauthorised") byId("wrong-text").append(" ", loginLink(true));
  halt();
}

async function start() {
  complain();
  const button = byId("toggle");
  button.disabled = true;
  tell("マイクを準備しています…");
  const microphone = new LiveMicrophone();
  try {
    await microphone.start((block) => running?.recogniser.send(block));
    const recogniser = new Recogniser("/api/asr/stream", {
      partial: showPartial,
      final: add,
      connected: () => tell("聞いています。話すと字幕が出ます。"),
      broken: lost,
      refused,
    });
    running = { microphone, recogniser };
    showButton(true);
    box.scrollIntoView({ block: "nearest" });
  } catch (error) {
    microphone.stop();
    complain(/** @type {Error} */ (error).message);
    tell("止まっています。");
  }
  button.disabled = false;
}

async function halt() {
  const { microphone, recogniser } = running ?? {};
  running = null;
  microphone?.stop();
  showButton(false);
  tell("最後の言葉を文字にしています…");
  await recogniser?.stop();
  if (running) return; // somebody began again meanwhile
  partial.textContent = "";
  tell("止まっています。");
}

function save() {
  saved = said.length;
  const lines = said.map(({ at, text }) => `[${at.toLocaleTimeString("ja-JP", { hour12: false })}] ${text}`);
  const url = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/plain;charset=utf-8" }));
  const day = new Date().toLocaleDateString("sv-SE");
  h("a", { href: url, download: `字幕-${day}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** @param {string} size */
function chooseSize(size) {
  box.dataset.size = size;
  for (const button of document.querySelectorAll("[data-choose]")) {
    button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.choose === size));
  }
  follow();
}

byId("toggle").addEventListener("click", () => (running ? halt() : start()));
byId("save").addEventListener("click", save);
byId("latest").addEventListener("click", () => { following = true; follow(); box.focus(); });
byId("contrast").addEventListener("click", () => {
  const on = box.classList.toggle("strong");
  byId("contrast").setAttribute("aria-pressed", String(on));
});
for (const button of document.querySelectorAll("[data-choose]")) {
  button.addEventListener("click", () => chooseSize(/** @type {HTMLElement} */ (button).dataset.choose ?? ""));
}
box.addEventListener("scroll", () => {
  following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  byId("latest").hidden = following;
});
guard(() => running || said.length > saved);
byId("toggle").disabled = false;
