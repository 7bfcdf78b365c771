/** Work that would go with the page: the browser asks before it is left. */

/** @param {() => unknown} isUnsaved */
export function guard(isUnsaved) {
  addEventListener("beforeunload", (e) => { if (isUnsaved()) e.preventDefault(); });
}
