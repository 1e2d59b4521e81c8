import type { Charge } from '../../prices/charge-rows.ts';
import type { LedgerRow } from '../row.ts';
import { ledgerStates } from '../state.ts';

/** What a ledger can be grouped by. */
export const dimensions = [
  'service',
  'team',
  'environment',
  'pool',
  'device-class',
  'state',
  'release',
  'model',
  'cause',
  'purpose',
  'grade',
] as const;
export type Dimension = (typeof dimensions)[number];

/** One dimension of all rows: a code for each row, and what the codes mean. Null: the row has none. */
export interface Dictionary {
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
  readonly values: readonly (string | null)[];
}

/** Rows by column, which a group-by reads one after another. All columns have one length. */
export interface LedgerColumns {
  readonly rows: number;
  readonly dimensions: Readonly<Record<Dimension, Dictionary>>;
  readonly computeMs: Int32Array | Float64Array;
  readonly filledMs: Int32Array | Float64Array;
  readonly unratedMs: Int32Array | Float64Array;
  readonly answers: Float64Array;
  readonly tokens: Float64Array;
  /** Effective cost in whole millionths; NaN where the row has no price. */
  readonly micros: Float64Array;
}

const read: Readonly<Record<Dimension, (row: LedgerRow) => string | null>> = {
  service: ({ owner }) => owner?.service ?? null,
  team: ({ owner }) => owner?.team ?? null,
  environment: ({ owner }) => owner?.environment ?? null,
  pool: ({ pool }) => pool,
  'device-class': ({ deviceClass }) => deviceClass,
  state: ({ state }) => state,
  // A number of a release means nothing without its service and environment.
  release: ({ owner }) =>
    owner === null || owner.release === null ? null : `${owner.service}/${owner.environment}/${owner.release}`,
  model: ({ owner }) => owner?.model ?? null,
  cause: ({ cause }) => cause,
  purpose: ({ purpose }) => purpose,
  grade: ({ grade }) => grade,
};

/** Returns rows as columns. Codes of `state` are positions in `ledgerStates`. */
export function makeColumns(charges: readonly Pick<Charge, 'row' | 'effectiveMicros'>[]): LedgerColumns {
  const numbers = (of: (charge: Pick<Charge, 'row' | 'effectiveMicros'>) => number): Float64Array =>
    Float64Array.from(charges, of);
  const made = dimensions.map(
    (name) =>
      [
        name,
        makeDictionary(
          charges.map(({ row }) => read[name](row)),
          name,
        ),
      ] as const,
  );
  return {
    rows: charges.length,
    dimensions: Object.fromEntries(made) as Record<Dimension, Dictionary>,
    computeMs: numbers(({ row }) => row.computeMs),
    filledMs: numbers(({ row }) => row.filledMs),
    unratedMs: numbers(({ row }) => row.unratedMs),
    answers: numbers(({ row }) => row.answers),
    tokens: numbers(({ row }) => row.tokens),
    micros: numbers(({ effectiveMicros }) => effectiveMicros ?? NaN),
  };
}

function makeDictionary(texts: readonly (string | null)[], name: Dimension): Dictionary {
  const known = new Map<string | null, number>(
    name === 'state' ? ledgerStates.map((state, code) => [state, code]) : [],
  );
  const codes = Uint32Array.from(texts, (text) => {
    const code = known.get(text) ?? known.size;
    known.set(text, code);
    return code;
  });
  return { codes, values: [...known.keys()] };
}
