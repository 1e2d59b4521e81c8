import type { LedgerError, LedgerErrorKind } from '../row.ts';

/** Returns an error row; what is not named in `about` is empty. */
export function makeError(
  kind: LedgerErrorKind,
  about: Partial<Omit<LedgerError, 'kind'>> & Pick<LedgerError, 'message'>,
): LedgerError {
  return {
    kind,
    fromMs: 0,
    toMs: 0,
    device: null,
    slot: null,
    shareMs: 0,
    ...about,
    claims: [...(about.claims ?? [])].sort(),
  };
}

/** In order of time, then of everything else, so that the same facts give the same rows. */
export function sortErrors(errors: readonly LedgerError[]): readonly LedgerError[] {
  const keyed = errors.map((error) => ({ error, key: JSON.stringify(error) }));
  return keyed
    .sort((a, b) => a.error.fromMs - b.error.fromMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ error }) => error);
}
