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
  'hour',
  'day',
] as const;
export type Dimension = (typeof dimensions)[number];

/** Dimensions of time: their values are ISO texts of UTC, which sort as the times do. */
export const timeDimensions: readonly Dimension[] = ['hour', 'day'];

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

type Read = (row: LedgerRow, isoOf: (atMs: number) => string) => string | null;

const read: Readonly<Record<Dimension, Read>> = {
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
  hour: ({ hourMs }, isoOf) => isoOf(hourMs),
  day: ({ hourMs }, isoOf) => isoOf(hourMs).slice(0, 'YYYY-MM-DD'.length),
};

/** Returns a function that writes a time as ISO text in UTC, and each time once: millions of rows have a few hundred hours. */
function makeIsoTexts(): (atMs: number) => string {
  const known = new Map<number, string>();
  return (atMs) => {
    const text = known.get(atMs) ?? new Date(atMs).toISOString().replace('.000Z', 'Z');
    known.set(atMs, text);
    return text;
  };
}

/** Returns rows as columns. Codes of `state` are positions in `ledgerStates`. */
export function makeColumns(charges: readonly Pick<Charge, 'row' | 'effectiveMicros'>[]): LedgerColumns {
  const numbers = (of: (charge: Pick<Charge, 'row' | 'effectiveMicros'>) => number): Float64Array =>
    Float64Array.from(charges, of);
  const isoOf = makeIsoTexts();
  const made = dimensions.map(
    (name) =>
      [
        name,
        makeDictionary(
          charges.map(({ row }) => read[name](row, isoOf)),
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
