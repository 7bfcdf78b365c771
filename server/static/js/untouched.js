/** A form that somebody else saved first: what they wrote stands in the fields that nobody touched here, so that it is not taken back. */

/**
 * @param {Record<string, string>} was what the form was made from @param {Record<string, string>} now what is kept
 * @param {(name: string) => any} field the field of a name; there need not be one
 */
export function fillUntouched(was, now, field) {
  for (const [name, value] of Object.entries(was)) {
    if (field(name)?.value === value) field(name).value = now[name];
  }
}
