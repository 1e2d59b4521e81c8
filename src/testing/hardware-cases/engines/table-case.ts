/**
 * The tables a second time, in the form in which the documents print them: a slip in one of the two shows. Rules reach only
 * a part of some tables (no driver that exists tells the last cells of forward compatibility apart).
 */
export interface TableCase {
  readonly name: string;
  readonly printed: string;
  readonly held: () => string;
}
