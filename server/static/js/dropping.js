/** A file that is dropped on the place of its field. */

/** @param {HTMLInputElement} field within its `.drop` @param {() => void} chosen once it has the file */
export function takeDropped(field, chosen) {
  const zone = /** @type {HTMLElement} */ (field.closest(".drop"));
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (e) => { e.preventDefault(); zone.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, (e) => { e.preventDefault(); zone.classList.remove("over"); });
  zone.addEventListener("drop", (e) => {
    if (!e.dataTransfer?.files.length) return;
    field.files = e.dataTransfer.files;
    chosen();
  });
}
