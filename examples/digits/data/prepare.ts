import { cached, digestOfSources, sha256Of, type CachedFile } from '../cache.ts';
import { digestOfPackage, readPackageImages } from './images.ts';
import { encodeRows } from './rows.ts';
import { splitImages } from './split.ts';

/**
 * 1,500 holdout rows give a 95 % interval of about +-0.9 points at 97 %; 64 golden rows cost a replica milliseconds and
 * hold at least five of every digit; the other 8,436 train.
 */
export const splitSettings = { holdout: 1500, golden: 64, seed: 20_240_601 } as const;

export const dataNames = ['digits-train', 'digits-holdout', 'digits-golden'] as const;
export type DataName = (typeof dataNames)[number];

export interface PreparedData {
  readonly files: Readonly<Record<DataName, CachedFile>>;
  readonly made: boolean;
}

/** The split as three files of rows, made once and verified on every later use. */
export async function prepareData(note: (text: string) => void): Promise<PreparedData> {
  const code = digestOfSources('data', 'seeded-random.ts');
  const { files, made } = await cached({
    kind: 'split',
    key: sha256Of(digestOfPackage(), code, JSON.stringify(splitSettings)),
    names: dataNames.map(fileName),
    note,
    make: () => Promise.resolve(makeSplit(note)),
  });
  const file = (name: DataName): CachedFile => {
    const found = files.get(fileName(name));
    if (found === undefined) throw new Error(`the split has no ${name}`);
    return found;
  };
  return {
    files: {
      'digits-train': file('digits-train'),
      'digits-holdout': file('digits-holdout'),
      'digits-golden': file('digits-golden'),
    },
    made,
  };
}

function makeSplit(note: (text: string) => void): ReadonlyMap<string, Uint8Array> {
  const images = readPackageImages();
  const split = splitImages(images, splitSettings, splitSettings.seed);
  note(
    `split ${images.length} images: ${split.train.length} train, ${split.holdout.length} holdout, ` +
      `${split.golden.length} golden, ${split.duplicates} duplicates left out`,
  );
  return new Map([
    [fileName('digits-train'), encodeRows(split.train)],
    [fileName('digits-holdout'), encodeRows(split.holdout)],
    [fileName('digits-golden'), encodeRows(split.golden)],
  ]);
}

function fileName(name: DataName): string {
  return `${name}.jsonl`;
}
