/** The names of a meeting's speakers, to be changed for the whole of it. */

import { request } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { guard } from "./leaving.js";

const LONGEST_NAME = 60;

guard(() => typed().length > 0);

/**
 * @param {string} url of the meeting @param {string[]} names in the order of first speech; what is typed for one of them stays
 * @param {(old: string, fresh: string) => void} onRenamed
 */
export function showSpeakers(url, names, onRenamed) {
  byId("speakers").hidden = names.length === 0;
  if (names.join() !== inputs().map((input) => input.defaultValue).join()) byId("speakers-said").textContent = ""; // it may not hold any more
  const written = typed();
  const here = inputs().find((input) => input === document.activeElement);
  byId("speaker-names").replaceChildren(...names.map((name, i) => row(url, name, `speaker-${i}`, onRenamed)));
  for (const input of inputs()) {
    input.value = written.find((old) => old.defaultValue === input.defaultValue)?.value ?? input.value;
    if (here?.defaultValue === input.defaultValue) input.focus();
  }
  const gone = written.find((old) => !names.includes(old.defaultValue) && !names.includes(old.value));
  if (gone) byId("speakers-said").textContent = `「${gone.defaultValue}」は、ほかの画面で名前が変わりました。書きかけの名前:「${gone.value}」`;
}

/** @returns {HTMLInputElement[]} one for each name, which is what it was made with */
function inputs() {
  return [...byId("speaker-names").querySelectorAll("input")];
}

function typed() {
  return inputs().filter((input) => input.value !== input.defaultValue);
}

/** @param {string} url @param {string} name @param {string} id @param {(old: string, fresh: string) => void} onRenamed */
function row(url, name, id, onRenamed) {
  const input = /** @type {HTMLInputElement} */ (h("input", { id, class: "input", value: name, maxlength: LONGEST_NAME, autocomplete: "off" }));
  const wrong = h("p", { class: "wrong", role: "alert" });
  wrong.hidden = true;
  const send = async (/** @type {Event} */ e) => {
    e.preventDefault();
    const fresh = input.value.trim();
    if (fresh === name) return;
    try {
      await request(`${url}/speakers`, {
        method: "PATCH", body: JSON.stringify({ speaker: name, name: fresh }), headers: { "content-type": "application/json" },
      });
      onRenamed(name, fresh);
      byId("speakers-said").textContent = `「${name}」を「${fresh}」に変えました。`;
      (byId(id) ?? byId("speakers").querySelector("summary")).focus();
    } catch (error) {
      wrong.replaceChildren(icon("alert"), /** @type {Error} */ (error).message);
      wrong.hidden = false;
      input.focus();
    }
  };
  return h("li", {}, h("form", { class: "speaker-name", novalidate: true, onsubmit: send },
    h("label", { for: id }, name), input, h("button", { class: "button small", "aria-label": `「${name}」の名前を変える` }, icon("edit"), "変える"), wrong));
}
