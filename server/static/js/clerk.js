/** The name that a clerk typed last in this tab stands in the next form too. */

const KEPT = "clerk";

const field = document.getElementById("by");
if (field instanceof HTMLInputElement && !field.readOnly) { // nobody with an account types theirs
  field.defaultValue = sessionStorage.getItem(KEPT) ?? "";
  field.addEventListener("input", () => sessionStorage.setItem(KEPT, field.value.trim()));
}
