import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareData, splitSettings } from './prepare.ts';
import { classes, readPackageImages, type Image } from './images.ts';
import { readRows } from './rows.ts';
import { distinctImages, proportional, splitImages } from './split.ts';

const image = (label: number, value: number): Image => ({ label, pixels: [value, 0, 0.5] });
const some = (count: number): Image[] => Array.from({ length: count }, (_, index) => image(index % 10, index));
const keys = (images: readonly Image[]): string[] => images.map(({ pixels }) => pixels.join());

test('the parts are disjoint, hold everything and have the asked sizes', () => {
  const images = some(500);
  const { train, holdout, golden } = splitImages(images, { holdout: 75, golden: 20 }, 1);
  expect(holdout).toHaveLength(75);
  expect(golden).toHaveLength(20);
  expect(new Set([...keys(train), ...keys(holdout), ...keys(golden)]).size).toBe(500);
  expect(train).toHaveLength(405);
});

test('each part holds every class in proportion', () => {
  const { golden } = splitImages(some(1000), { holdout: 100, golden: 20 }, 1);
  expect(Array.from({ length: 10 }, (_, label) => golden.filter((row) => row.label === label).length)).toEqual(
    Array.from({ length: 10 }, () => 2),
  );
});

test('one seed gives one split, another seed another', () => {
  const sizes = { holdout: 75, golden: 20 };
  expect(splitImages(some(500), sizes, 1)).toEqual(splitImages(some(500), sizes, 1));
  expect(keys(splitImages(some(500), sizes, 1).holdout)).not.toEqual(keys(splitImages(some(500), sizes, 2).holdout));
});

test('identical images stand in one place only, whatever their labels', () => {
  const images = [...some(500), image(3, 3), image(4, 3)];
  expect(distinctImages(images)).toHaveLength(500);
  expect(splitImages(images, { holdout: 75, golden: 20 }, 1).duplicates).toBe(2);
});

test('shares follow the counts to within one and sum to the total', () => {
  expect(proportional([6, 3, 1], 5)).toEqual([3, 2, 0]);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 12 }),
      fc.nat(500),
      (counts, total) => {
        const shares = proportional(counts, total);
        const sum = counts.reduce((all, count) => all + count, 0);
        expect(shares.reduce((all, share) => all + share, 0)).toBe(total);
        shares.forEach((share, index) => {
          expect(Math.abs(share - ((counts[index] ?? 0) * total) / sum)).toBeLessThan(1);
        });
      },
    ),
  );
});

test('the real split reads back as the images of the package, with all ten digits in the golden rows', async () => {
  const { files } = await prepareData(() => undefined);
  const holdout = readRows(files['digits-holdout'].path);
  const golden = readRows(files['digits-golden'].path);
  const train = readRows(files['digits-train'].path);
  expect(holdout).toHaveLength(splitSettings.holdout);
  expect(golden).toHaveLength(splitSettings.golden);
  expect(new Set(golden.map(({ label }) => label)).size).toBe(classes);
  const everything = new Set(readPackageImages().map(({ pixels, label }) => `${label}:${pixels.join()}`));
  const parts = [...train, ...holdout, ...golden].map(({ pixels, label }) => `${label}:${pixels.join()}`);
  expect(new Set(parts)).toEqual(everything);
  expect(parts).toHaveLength(everything.size);
});
