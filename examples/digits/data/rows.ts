import { readFileSync } from 'node:fs';
import { classes, pixelsPerImage, type Image } from './images.ts';

/**
 * One JSON object a line, columns `image` and `label`. The grey values are written as the package has them, three
 * decimals at most, which is exact in the text: whoever reads a row rounds it to FP32 in one and the same way.
 */
export function encodeRows(images: readonly Image[]): Uint8Array {
  const lines = images.map((image) => `{"image":[${image.pixels.join(',')}],"label":${image.label}}\n`);
  return Buffer.from(lines.join(''), 'utf8');
}

/** @throws Error with file and line for a row that is not one of ours. */
export function readRows(file: string): readonly Image[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => decodeRow(line, `${file}:${index + 1}`));
}

function decodeRow(line: string, where: string): Image {
  const row: unknown = JSON.parse(line);
  if (typeof row === 'object' && row !== null && 'image' in row && 'label' in row) {
    const { image, label } = row;
    if (isPixels(image) && typeof label === 'number' && label >= 0 && label < classes) return { pixels: image, label };
  }
  throw new Error(`${where}: expected {"image": [${pixelsPerImage} numbers], "label": 0..9}`);
}

function isPixels(value: unknown): value is number[] {
  return Array.isArray(value) && value.length === pixelsPerImage && value.every((item) => typeof item === 'number');
}
