/** What a tab keeps (conversation, name, drafts) is for one login's readers: the logout forgets it, and so does another password. */

const KEPT = "reader";

const reader = document.querySelector('meta[name="reader"]')?.getAttribute("content") ?? "";
const before = sessionStorage.getItem(KEPT);
if (before !== null && before !== reader) sessionStorage.clear();
sessionStorage.setItem(KEPT, reader);
document.querySelector('form[action="/staff/logout"]')?.addEventListener("submit", () => sessionStorage.clear());
