/** One thing that conditions on text values either admit or not: a node by its labels, a device by its attributes. */
export interface Candidate {
  readonly name: string;
  readonly admit: boolean;
  /** A key that is missing is not there, or not known: see `missing`. */
  readonly values: Readonly<Record<string, string>>;
}

/** All conditions of one term must hold; one term of several is enough. */
export type Term = Readonly<Record<string, Condition>>;
/** `notIn` also holds where the key is missing, as in Kubernetes. */
export type Condition = { readonly in: readonly string[] } | { readonly notIn: readonly string[] };

export interface SingledOut {
  readonly terms: readonly Term[];
  /** Candidates that should be admitted and are not: `like` names one that must not be and looks the same; null where
   * nothing is known of them that a term could ask for. */
  readonly left: readonly { readonly name: string; readonly like: string | null }[];
}

export interface SingleOutOptions {
  readonly keys: readonly string[];
  /**
   * `absent`: a key without a value is known to be absent, and a term can ask for that. `unknown`: it may have any value,
   * so that no term asks for it, and whoever must not be admitted may match by it.
   */
  readonly missing: 'absent' | 'unknown';
}

/**
 * Terms that admit exactly those who should be, as far as their values can tell, and nobody else of the candidates.
 * A term asks for every key that its candidates have a value of, so that what was never seen is not admitted either;
 * terms that differ in one key are then merged, which admits nothing new.
 */
export function singleOut(candidates: readonly Candidate[], { keys, missing }: SingleOutOptions): SingledOut {
  const refused = distinct(
    candidates.filter(({ admit }) => !admit),
    keys,
  );
  const terms: Term[] = [];
  const left: { name: string; like: string | null }[] = [];
  for (const group of distinct(
    candidates.filter(({ admit }) => admit),
    keys,
  )) {
    const term = makeTerm(group.values, keys, missing, refused);
    const like = refused.find(({ values }) => mayMatch(term, values, missing));
    // A term that only says what must not be there would admit whatever was never seen.
    const asks = Object.values(term).some((condition) => 'in' in condition);
    if (like === undefined && asks) terms.push(term);
    else left.push(...group.names.map((name) => ({ name, like: like?.names[0] ?? null })));
  }
  return { terms: mergeTerms(terms, keys), left };
}

interface Group {
  readonly names: readonly string[];
  readonly values: Candidate['values'];
}

/** Those of equal values, together, in the order of the first of each. */
function distinct(candidates: readonly Candidate[], keys: readonly string[]): readonly Group[] {
  const groups = new Map<string, { names: string[]; values: Candidate['values'] }>();
  for (const { name, values } of candidates) {
    const signature = JSON.stringify(keys.map((key) => values[key] ?? null));
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, { names: [name], values });
    else group.names.push(name);
  }
  return [...groups.values()];
}

function makeTerm(
  values: Candidate['values'],
  keys: readonly string[],
  missing: SingleOutOptions['missing'],
  refused: readonly Group[],
): Term {
  const entries = keys.flatMap((key): (readonly [string, Condition])[] => {
    const value = values[key];
    if (value !== undefined) return [[key, { in: [value] }]];
    if (missing === 'unknown') return [];
    const others = [...new Set(refused.flatMap((group) => group.values[key] ?? []))].sort();
    return others.length === 0 ? [] : [[key, { notIn: others }]];
  });
  return Object.fromEntries(entries);
}

/** Whether values meet every condition of a term; with `unknown`, whether they might. */
function mayMatch(term: Term, values: Candidate['values'], missing: SingleOutOptions['missing']): boolean {
  return Object.entries(term).every(([key, condition]) => {
    const value = values[key];
    if (value === undefined) return missing === 'unknown' || 'notIn' in condition;
    return 'in' in condition ? condition.in.includes(value) : !condition.notIn.includes(value);
  });
}

/** Whether a term admits values, a missing key being absent. */
export const matches = (term: Term, values: Candidate['values']): boolean => mayMatch(term, values, 'absent');

function mergeTerms(terms: readonly Term[], keys: readonly string[]): readonly Term[] {
  let merged = terms;
  for (let before = -1; before !== merged.length;) {
    before = merged.length;
    for (const key of keys) merged = mergeByKey(merged, key);
  }
  return merged;
}

function mergeByKey(terms: readonly Term[], key: string): readonly Term[] {
  const groups = new Map<string, { rest: Term; values: Set<string> }>();
  const others: Term[] = [];
  for (const term of terms) {
    const { [key]: condition, ...rest } = term;
    if (condition === undefined || !('in' in condition)) {
      others.push(term);
      continue;
    }
    const signature = JSON.stringify(rest);
    const group = groups.get(signature) ?? { rest: term, values: new Set() };
    for (const value of condition.in) group.values.add(value);
    groups.set(signature, group);
  }
  return [
    ...[...groups.values()].map(({ rest, values }) => ({ ...rest, [key]: { in: [...values].sort() } })),
    ...others,
  ];
}
