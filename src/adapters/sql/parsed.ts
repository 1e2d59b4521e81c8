/**
 * The store wrote this text itself and its schema version says in which shape, so that it is taken at its type.
 * @throws SyntaxError when the text is no JSON: the row was edited by something else.
 */
export function parsed<T>(json: string): T {
  return JSON.parse(json) as T;
}
