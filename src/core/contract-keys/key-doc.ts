/**
 * What a key of the contract means. This one table feeds `plimsoll explain`, the descriptions in the JSON Schema, the
 * contract reference and the "expected" part of every contract error.
 *
 * `key` is the dotted path from the top: `<name>` stands for a key that the writer chooses, `[]` for each list entry.
 */
export interface KeyDoc {
  readonly key: string;
  /** What it states, including which quantile, tier, limit or scope it speaks of. */
  readonly meaning: string;
  /** The form of its value, with the unit: follows "expected". */
  readonly form: string;
  /** What holds when it is not written. Null: it must be written wherever its section is. */
  readonly default: string | null;
  /** A value that is right, as YAML. */
  readonly example: string;
}

/** What a name of data is made of. */
export const dataName = 'letters, digits, `.`, `_` and `-`, at most 128';
