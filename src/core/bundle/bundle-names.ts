import type { Digest } from '../units/digest.ts';

/** What the manifest of a bundle names, whichever version wrote it. */
export interface BundleNames {
  /** Files inside: these alone are certain to be blobs. */
  readonly files: readonly Digest[];
  /** Files inside, and whatever else it names but the model. */
  readonly inside: readonly Digest[];
  /** The model: its own digest, and those of its files. */
  readonly model: readonly Digest[];
  /** Its locks, whose own names count too. */
  readonly locks: readonly Digest[];
}

/** Every digest that a text holds. */
export function digestsIn(text: string): readonly Digest[] {
  return [...new Set(text.match(/sha256:[0-9a-f]{64}(?![0-9a-f])/g))] as Digest[];
}

/** By digests alone, so that a later version's manifest is read too; null for what is no manifest with files. */
export function readBundleNames(text: string): BundleNames | null {
  const manifest = parseObject(text);
  const files = manifest?.['files'];
  if (manifest === null || !Array.isArray(files)) return null;
  const { model, ...rest } = manifest;
  const locks = files.filter((file) => (file as { role?: unknown } | null)?.role === 'lock');
  return {
    files: digestsIn(JSON.stringify(files)),
    inside: digestsIn(JSON.stringify(rest)),
    model: digestsIn(JSON.stringify(model ?? null)),
    locks: digestsIn(JSON.stringify(locks)),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
