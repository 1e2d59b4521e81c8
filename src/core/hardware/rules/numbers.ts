import { readVersion, type VersionNumbers } from '../../units/version.ts';

/**
 * A CUDA version as one number that compares: 12.4 is 12,004. Updates do not count, because drivers state major and minor.
 * Null where the text is no version.
 */
export function cudaNumber(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const numbers = readVersion(text);
  return numbers === null || numbers.length < 2 ? null : (numbers[0] ?? 0) * 1000 + (numbers[1] ?? 0);
}

/** `12.4` of 12,004. */
export const cudaText = (number: number): string => `${Math.floor(number / 1000)}.${number % 1000}`;
export const majorOf = (number: number): number => Math.floor(number / 1000);

/** As names of CUDA's libraries hold it: `12` of 12,004, and before CUDA 11 the minor too (`libcudart.so.10.1`). */
export const cudaNameOf = (number: number): string =>
  majorOf(number) >= 11 ? String(majorOf(number)) : cudaText(number);

/** A compute capability as one number that compares: 9.0 is 9,000 and 12.1 is 12,001. */
export const capabilityNumber = (text: string | null | undefined): number | null => cudaNumber(text);
export const capabilityText = (number: number): string => cudaText(number);
/** `sm_90` and `compute_90` as people write them: 9,000 is `90`, 12,001 is `121`. */
export const smText = (number: number): string => `${Math.floor(number / 1000)}${number % 1000}`;

export const versionOf = (text: string | null | undefined): VersionNumbers | null =>
  text === null || text === undefined ? null : readVersion(text);

/** 21474836480 is `20 GiB`, 10468982784 is `9.75 GiB`. */
export const gibText = (bytes: number): string => `${Number((bytes / 2 ** 30).toFixed(2))} GiB`;
