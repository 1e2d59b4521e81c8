/** Dotted numbers, compared by `compareVersions`: `570.124.06` is [570, 124, 6]. */
export type VersionNumbers = readonly number[];

const versionText = /^v?(\d{1,9}(?:\.\d{1,9}){0,5})(?:[-+_. a-zA-Z].*)?$/;

/**
 * The leading dotted numbers of a version as other programs print it (`2.8.0+cu126`, `12.4.127~rc1`, `570.124.6`); leading
 * zeros mean nothing, because DRA drops them. Null where the text does not begin with a number.
 */
export function readVersion(text: string): VersionNumbers | null {
  const match = versionText.exec(text.trim().replace('~', '-'));
  return match === null ? null : (match[1] ?? '').split('.').map(Number);
}
