/** Where an answer comes from: source, department in charge, day of the last change. */

import { h, icon } from "./dom.js";
import { dayText } from "./time.js";

/**
 * @typedef {{entry_id: string, question: string, source_title: string | null, source_url: string | null,
 *            department: string | null, updated_on: string | null, audience?: string, confined?: boolean,
 *            in_force?: string | null}} Citation
 */

export const TABLE = /^(garbage|collection|facility|department|duty):/;

/** @param {string | null} url */
function safe(url) {
  return url && /^https?:\/\//.test(url) ? url : null;
}

/** The imported file of a passage, a PDF at the page where it begins; only staff may open it. @param {Citation} citation */
function original(citation) {
  if (!citation.entry_id.startsWith("doc:")) return null;
  const page = / (\d+)(?:〜\d+)?ページ$/.exec(citation.source_title ?? "");
  return `/staff/documents/${encodeURIComponent(citation.entry_id)}${page ? `#page=${page[1]}` : ""}`;
}

/** @param {Citation} citation @param {boolean} staff */
function title(citation, staff) {
  const name = citation.source_title || citation.question;
  const url = safe(citation.source_url) ?? (staff ? original(citation) : null);
  if (!url) return h("span", {}, name);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, name, h("span", { class: "unseen" }, "（新しい画面で開きます）"));
}

/** In a line for staff, which leads to all of it. @param {Citation} citation */
export function sourceName(citation) {
  const url = original(citation) ?? (TABLE.test(citation.entry_id) ? null : `/staff/knowledge/entries/${encodeURIComponent(citation.entry_id)}`);
  const facts = [citation.source_title || citation.question, citation.department, citation.audience === "staff" ? "庁内限定" : ""];
  const name = facts.filter(Boolean).join("、");
  return url ? h("a", { href: url, target: "_blank" }, name, h("span", { class: "unseen" }, "（新しい画面で開きます）")) : h("span", {}, name);
}

/** @param {Citation} citation @param {boolean} staff @returns {HTMLElement} */
export function source(citation, staff) {
  const facts = [
    staff ? h("span", {}, `${citation.entry_id.startsWith("doc:") ? "見出し" : "FAQ"}：${citation.question}`) : null,
    citation.in_force ? h("span", {}, `附則：${citation.in_force}`) : null,
    citation.department ? h("span", {}, `担当：${citation.department}`) : null,
    citation.updated_on ? h("span", {}, `最終更新：${dayText(citation.updated_on)}`) : null,
    staff ? h("span", {}, `番号：${citation.entry_id}`) : null,
  ];
  return h("li", { class: "source" },
    h("div", { class: "source-title" }, icon("source"), title(citation, staff),
      citation.audience === "staff" ? h("span", { class: "chip yuzu" }, icon("lock"), citation.confined ? "担当課限定" : "庁内限定") : null),
    h("div", { class: "source-facts" }, ...facts));
}

/** @param {Citation[]} citations @param {boolean} staff @returns {HTMLElement | null} */
export function sources(citations, staff) {
  if (!citations?.length) return null;
  return h("div", { class: "sources" }, h("h3", {}, staff ? "根拠・出典" : "出典"), h("ul", {}, ...citations.map((c) => source(c, staff))));
}
