/** What a tab keeps (conversation, name, drafts) is for one login's readers: who comes in by another password sees none of it. */

const KEPT = "reader";

const reader = document.querySelector('meta[name="reader"]')?.getAttribute("content") ?? "";
const before = sessionStorage.getItem(KEPT);
if (before !== null && before !== reader) sessionStorage.clear();
sessionStorage.setItem(KEPT, reader);
