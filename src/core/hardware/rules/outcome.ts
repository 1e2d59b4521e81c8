import type { Compatibility } from '../../contract/contract.ts';

/**
 * Several rules speak of one device, and the worst of them counts. What is known to fail stays failing whatever is not
 * known beside it; what is not known never becomes better by what is.
 */
export const severity: Readonly<Record<Compatibility, number>> = {
  native: 0,
  'minor-version': 1,
  forward: 2,
  unknown: 3,
  incompatible: 4,
};

export const bySeverity: readonly Compatibility[] = ['native', 'minor-version', 'forward', 'unknown', 'incompatible'];

export const worse = (a: Compatibility, b: Compatibility): Compatibility => (severity[b] > severity[a] ? b : a);

export const worstOf = (all: readonly Compatibility[]): Compatibility => all.reduce(worse, 'native');

/** What most rules say of a device: no objection, an objection, or a fact that is missing. */
export type Plain = 'native' | 'unknown' | 'incompatible';
