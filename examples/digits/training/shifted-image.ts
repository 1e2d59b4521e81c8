import { pixelsPerImage, type Image } from '../data/images.ts';

const side = 28;

/** The pixels of one image that are not 0: four fifths of an image are paper and cost nothing then. */
export interface Ink {
  readonly positions: Uint16Array;
  readonly values: Float32Array;
  count: number;
}

export function emptyInk(): Ink {
  return { positions: new Uint16Array(pixelsPerImage), values: new Float32Array(pixelsPerImage), count: 0 };
}

export function inkOf(image: Image): Ink {
  const ink = emptyInk();
  image.pixels.forEach((value, position) => {
    if (value === 0) return;
    ink.positions[ink.count] = position;
    ink.values[ink.count] = value;
    ink.count += 1;
  });
  return { positions: ink.positions.slice(0, ink.count), values: ink.values.slice(0, ink.count), count: ink.count };
}

/** Writes `source` moved by whole pixels into `target`; what leaves the frame is lost. Returns `target`. */
export function shiftInto(target: Ink, source: Ink, right: number, down: number): Ink {
  target.count = 0;
  for (let index = 0; index < source.count; index += 1) {
    const position = source.positions[index] as number;
    const column = (position % side) + right;
    const row = Math.floor(position / side) + down;
    if (column < 0 || column >= side || row < 0 || row >= side) continue;
    target.positions[target.count] = row * side + column;
    target.values[target.count] = source.values[index] as number;
    target.count += 1;
  }
  return target;
}
