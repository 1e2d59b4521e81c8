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
  const counts = totalOf(before) >= rowsAtMost ? halve(before) : before;
  const isNew = !counts.categories.includes(category) && counts.categories.length < mostCategories;
  const categories = isNew ? [...counts.categories, category] : counts.categories;
  const arms = counts.arms.includes(arm) ? counts.arms : [...counts.arms, arm];
  const rows = isNew ? [...counts.counts.slice(0, -1), [], counts.counts.at(-1) ?? []] : counts.counts;
  const at = rowOf({ ...counts, categories }, category);
  const column = arms.indexOf(arm);
  const added = arms.map((_, index) => (rows[at]?.[index] ?? 0) + (index === column ? 1 : 0));
  return { categories, arms, counts: rows.map((row, index) => (index === at ? added : row)) };
}

/** Halves all counts and forgets arms that have no whole row left. */
function halve({ categories, arms, counts }: CategoryCounts): CategoryCounts {
  const kept = arms.map((_, index) => counts.reduce((total, row) => total + (row[index] ?? 0), 0) >= 2);
  return {
    categories,
    arms: arms.filter((_, index) => kept[index]),
    counts: counts.map((row) => row.map((count) => count / 2).filter((_, index) => kept[index])),
  };
}

function rowOf({ categories }: CategoryCounts, category: string): number {
  const found = categories.indexOf(category);
  return found < 0 ? categories.length : found;
}

const totalOf = ({ counts }: CategoryCounts): number => counts.reduce((total, row) => total + sum(row), 0);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
