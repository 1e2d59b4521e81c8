import { apportion } from '../../apportion.ts';

/** One claim on something that several may hold at once. Amounts are in thousandths of a device. */
export interface Asker {
  readonly key: string;
  /** What it reserved, or is charged at least. */
  readonly asked: number;
  /** `asked` is only the least: it may have more of what nobody asked for, as far as it used it. */
  readonly isDefault: boolean;
  /** What was measured; null where nobody measured. */
  readonly used: number | null;
}

export interface SharedParts {
  /** In the order of the askers; they add up to the capacity at most. */
  readonly parts: readonly number[];
  /** Together they ask for more than there is. */
  readonly isOver: boolean;
}

/**
 * Returns how much of a device each claim on it has. No part is negative, and all of them together are never more than there is.
 *
 * | together they ask for | parts |
 * |---|---|
 * | at most what there is | what each asked for; who said no number has besides what it used beyond, as far as that is free |
 * | more, and used at least all | by measured use |
 * | more, and used less | what each used, and the rest in proportion to what it asked for and did not use |
 *
 * Of a claim that nobody measured the use counts as none. What stays free is nobody's.
 *
 * Worked: three that ask for 1,000 each of 2,000 and used 1,500, 100 and 0: the rest of 400 goes to the second and third as 900 to
 * 1,000, which makes 1,500, 289 and 211.
 */
export function shareParts(capacity: number, askers: readonly Asker[]): SharedParts {
  const sum = (amounts: readonly number[]): number => amounts.reduce((all, each) => all + each, 0);
  const split = (total: number, weights: readonly number[]): readonly number[] => {
    if (sum(weights) === 0) return weights;
    return apportion(
      total,
      askers.map(({ key }, index) => ({ key, weight: weights[index] ?? 0 })),
    );
  };
  const add = (first: readonly number[], second: readonly number[]): readonly number[] =>
    first.map((each, index) => each + (second[index] ?? 0));
  const asked = askers.map((asker) => asker.asked);
  const used = askers.map((asker) => asker.used ?? 0);
  const free = capacity - sum(asked);
  if (free >= 0) {
    const beyond = askers.map(({ isDefault }, index) =>
      isDefault ? Math.max(0, (used[index] ?? 0) - (asked[index] ?? 0)) : 0,
    );
    return { parts: add(asked, split(Math.min(free, sum(beyond)), beyond)), isOver: false };
  }
  if (sum(used) >= capacity) return { parts: split(capacity, used), isOver: true };
  const unused = asked.map((each, index) => Math.max(0, each - (used[index] ?? 0)));
  return { parts: add(used, split(capacity - sum(used), unused)), isOver: true };
}
