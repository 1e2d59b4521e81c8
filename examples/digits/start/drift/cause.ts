import { pixelsPerImage, type Image } from '../../data/images.ts';
import type { DriftCause } from '../options.ts';

/** What each cause is, in the words of a newcomer. */
export const causeTexts: Readonly<Record<DriftCause, string>> = {
  invert: 'from now on every digit arrives with its pixels inverted, as from a scanner with another setting',
  shift: 'from now on every digit arrives six pixels to the right of its place, as from a camera that was moved',
  node: 'from now on one of the two replicas answers wrongly, as a broken device would',
  labels: 'from now on the truth about a digit is another one: 0 has become 9, 1 has become 8, and so on',
};

const imageSide = Math.sqrt(pixelsPerImage);
const shiftPixels = 6;

/** The digit as a client sends it under this cause. */
export function sentImage(image: Image, cause: DriftCause | null): Image {
  if (cause === 'invert') return { ...image, pixels: image.pixels.map((pixel) => 1 - pixel) };
  if (cause === 'shift') return { ...image, pixels: image.pixels.map((_, at) => shiftedPixel(image, at)) };
  return image;
}

function shiftedPixel({ pixels }: Image, at: number): number {
  return at % imageSide < shiftPixels ? 0 : (pixels[at - shiftPixels] ?? 0);
}

/** What the truth about the digit is, as whoever sends labels says. */
export const toldLabel = ({ label }: Image, cause: DriftCause | null): number =>
  cause === 'labels' ? 9 - label : label;
