import type { ChangedRows } from '../../core/evaluation/report.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import { pngOf } from '../report/png.ts';

interface ImageShape {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** Rows with a picture of their input where one input is shaped like an image; reads no further than the last of them. */
export async function withImages(
  changed: ChangedRows,
  inputs: readonly TensorSpec[],
  rows: AsyncIterable<PlacedRow>,
): Promise<ChangedRows> {
  const input = inputs.find((one) => imageShape(one) !== null);
  const shape = input === undefined ? null : imageShape(input);
  const wanted = new Map(changed.shown.map((one) => [one.row, one]));
  if (input === undefined || shape === null || wanted.size === 0) return changed;
  const last = Math.max(...wanted.keys());
  const images = new Map<number, string>();
  let at = 0;
  for await (const { row } of rows) {
    at += 1;
    const image = wanted.has(at) ? imageOf(row[input.name], shape) : null;
    if (image !== null) images.set(at, image);
    if (at >= last) break;
  }
  const shown = changed.shown.map((one) => {
    const image = images.get(one.row);
    return image === undefined ? one : { ...one, image };
  });
  return { ...changed, shown };
}

const sides = [8, 256] as const;
const fits = (side: number | undefined): side is number => side !== undefined && side >= sides[0] && side <= sides[1];

/** [h, w], [1 | 3, h, w] and [h, w, 1 | 3]; a flat row of 784 elements is a square of 28, as digits have it. */
export function imageShape({ datatype, shape }: TensorSpec): ImageShape | null {
  if (!/^(FP|UINT|INT)/.test(datatype)) return null;
  const rest = shape[0] === -1 || shape[0] === 1 ? shape.slice(1) : shape;
  const [first, second, third] = rest;
  if (rest.length === 1 && first !== undefined) {
    const side = Math.sqrt(first);
    return Number.isInteger(side) && fits(side) ? { width: side, height: side, channels: 1 } : null;
  }
  if (rest.length === 2 && fits(first) && fits(second)) return { height: first, width: second, channels: 1 };
  // Planes one after another would have to be woven for colour, so that only grey ones are drawn.
  if (rest.length === 3 && first === 1 && fits(second) && fits(third))
    return { height: second, width: third, channels: 1 };
  if (rest.length === 3 && fits(first) && fits(second) && (third === 1 || third === 3)) {
    return { height: first, width: second, channels: third };
  }
  return null;
}

/** Values from 0 to 1 or from 0 to 255; null for anything else than numbers of that shape. */
function imageOf(value: unknown, { width, height, channels }: ImageShape): string | null {
  const flat = (Array.isArray(value) ? value.flat(3) : []) as readonly unknown[];
  if (flat.length !== width * height * channels || !flat.every((one) => typeof one === 'number')) return null;
  const scale = flat.some((one) => one > 1) ? 1 : 255;
  const samples = Uint8Array.from(flat, (one) => Math.max(0, Math.min(255, Math.round(one * scale))));
  return `data:image/png;base64,${Buffer.from(pngOf(width, height, channels, samples)).toString('base64')}`;
}
