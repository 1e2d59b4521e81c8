/**
 * How often each category came from each arm. At most 16 categories have a count of their own; later ones count together,
 * so that a feature of a million categories stays small. Old rows fade: all counts are halved from time to time.
 */
export interface CategoryCounts {
  readonly categories: readonly string[];
  readonly arms: readonly string[];
  /** By category, then by arm. The last row counts all categories that have no row. */
  readonly counts: readonly (readonly number[])[];
}

const mostCategories = 16;
const halvedAt = 4096;
/** Rows of the common share that are added to each arm, so that a few rows say little. */
const shrinkRows = 8;

export const emptyCounts: CategoryCounts = { categories: [], arms: [], counts: [[]] };

/**
 * The payoff of a category for one arm, in (-1, 1): above 0 where the arm gave the category more often than the others.
 * 0 for a category that never came.
 */
export function scoreCategory(counts: CategoryCounts, category: string, arm: string): number {
  const row = counts.counts[rowOf(counts, category)] ?? [];
  const column = counts.arms.indexOf(arm);
  const ofCategory = sum(row);
  if (ofCategory === 0 || column < 0) return 0;
  const total = totalOf(counts);
  const ofArm = counts.counts.reduce((most, each) => most + (each[column] ?? 0), 0);
  const prior = (shrinkRows * ofCategory) / total;
  const here = ((row[column] ?? 0) + prior) / (ofArm + shrinkRows);
  const there = (ofCategory - (row[column] ?? 0) + prior) / (total - ofArm + shrinkRows);
  return (here - there) / (here + there);
}

/** 1 minus the share of rows that had the category: near 1 for a rare or new category. */
export function rarityOf(counts: CategoryCounts, category: string): number {
  return 1 - sum(counts.counts[rowOf(counts, category)] ?? []) / (totalOf(counts) + 1);
}

/** @param rowsAtMost with so many rows all counts are halved. */
export function learnCategory(
  before: CategoryCounts,
  category: string,
  arm: string,
  rowsAtMost = halvedAt,
): CategoryCounts {
  const next = draftCounts(before);
  addCategory(next, category, arm, rowsAtMost);
  return next;
}

/** Counts that may change in place. */
export interface CountsDraft {
  categories: string[];
  arms: string[];
  counts: number[][];
}

export const draftCounts = ({ categories, arms, counts }: CategoryCounts): CountsDraft => ({
  categories: [...categories],
  arms: [...arms],
  counts: counts.map((row) => [...row]),
});

/** `learnCategory` in place. */
export function addCategory(to: CountsDraft, category: string, arm: string, rowsAtMost = halvedAt): void {
  if (totalOf(to) >= rowsAtMost) halve(to);
  if (!to.categories.includes(category) && to.categories.length < mostCategories) {
    to.categories.push(category);
    to.counts.splice(-1, 0, []);
  }
  if (!to.arms.includes(arm)) to.arms.push(arm);
  const row = to.counts[rowOf(to, category)] ?? [];
  while (row.length < to.arms.length) row.push(0);
  const column = to.arms.indexOf(arm);
  row[column] = (row[column] ?? 0) + 1;
}

/** Halves all counts and forgets arms that have no whole row left. */
function halve(to: CountsDraft): void {
  const kept = to.arms.map((_, index) => to.counts.reduce((total, row) => total + (row[index] ?? 0), 0) >= 2);
  to.arms = to.arms.filter((_, index) => kept[index]);
  to.counts = to.counts.map((row) => row.map((count) => count / 2).filter((_, index) => kept[index]));
}

function rowOf({ categories }: CategoryCounts, category: string): number {
  const found = categories.indexOf(category);
  return found < 0 ? categories.length : found;
}

function totalOf({ counts }: CategoryCounts): number {
  let total = 0;
  for (const row of counts) total += sum(row);
  return total;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
