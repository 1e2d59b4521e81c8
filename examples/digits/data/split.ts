import { seededRandom } from '../seeded-random.ts';
import { classes, type Image } from './images.ts';

export interface SplitSizes {
  readonly holdout: number;
  readonly golden: number;
}

export interface Split {
  readonly train: readonly Image[];
  readonly holdout: readonly Image[];
  readonly golden: readonly Image[];
  /** Images left out because an identical one was there before: nothing may stand on both sides of a split. */
  readonly duplicates: number;
}

/**
 * Splits once, by class: each part holds the ten digits in the proportion of the whole (largest remainder), and the
 * order inside a part is shuffled, so that its first rows are a fair sample of it. The rest is the training part.
 */
export function splitImages(images: readonly Image[], sizes: SplitSizes, seed: number): Split {
  const distinct = distinctImages(images);
  const random = seededRandom(seed);
  const byClass = Array.from({ length: classes }, (_, label) => {
    const positions = distinct.flatMap((image, position) => (image.label === label ? [position] : []));
    return random.shuffle(positions);
  });
  const counts = byClass.map((positions) => positions.length);
  const holdout = proportional(counts, sizes.holdout);
  const golden = proportional(counts, sizes.golden);
  const part = (from: (label: number) => number, to: (label: number) => number): readonly Image[] => {
    const positions = byClass.flatMap((all, label) => all.slice(from(label), to(label)));
    return random.shuffle(positions).flatMap((position) => distinct[position] ?? []);
  };
  const holdoutEnd = (label: number): number => holdout[label] ?? 0;
  const goldenEnd = (label: number): number => holdoutEnd(label) + (golden[label] ?? 0);
  return {
    holdout: part(() => 0, holdoutEnd),
    golden: part(holdoutEnd, goldenEnd),
    train: part(goldenEnd, () => Infinity),
    duplicates: images.length - distinct.length,
  };
}

/** The first of each set of identical images; two labels for one image also count as identical. */
export function distinctImages(images: readonly Image[]): readonly Image[] {
  const seen = new Set<string>();
  return images.filter((image) => {
    const key = image.pixels.join();
    return seen.has(key) ? false : seen.add(key);
  });
}

/**
 * `total` shared out in proportion to `counts` by largest remainder (ties to the earlier): the shares sum to `total`.
 * Counts [6, 3, 1], total 5: 3, 1.5, 0.5 gives [3, 2, 0].
 */
export function proportional(counts: readonly number[], total: number): readonly number[] {
  const sum = counts.reduce((all, count) => all + count, 0);
  const exact = counts.map((count) => (count * total) / sum);
  const shares = exact.map(Math.floor);
  const left = total - shares.reduce((all, share) => all + share, 0);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((one, other) => other.remainder - one.remainder || one.index - other.index);
  const rounded = new Set(byRemainder.slice(0, left).map(({ index }) => index));
  return shares.map((share, index) => share + (rounded.has(index) ? 1 : 0));
}
