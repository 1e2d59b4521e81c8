import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { cudnnParts, wheelPath, type CudnnPart } from '../../tables/loading/loaded-copies.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { findCopy, type Copy } from './search-order.ts';

const rule = 'mixed-cudnn';
const inWheel = new RegExp(wheelPath);

/**
 * Whether the cuDNN of a wheel takes a part of itself from another cuDNN. Null where it does not.
 *
 * | part that the version opens by name | another copy of it | answer |
 * |---|---|---|
 * | any | none that the loader finds | null: cuDNN does without |
 * | lies beside it | none before it | null |
 * | any | of another version, found before it | incompatible: CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH |
 * | is missing | there, and the search paths were not read | unknown |
 */
export function mixedCudnnFinding(image: ImageFacts): Found | null {
  if (distribution(image, ['torch']) === null) return null;
  const copies = Object.entries(image.copies ?? {}).map(([path, version]): Copy => ({ path, version }));
  const main = copies.find(({ path }) => inWheel.test(path) && /\/libcudnn\.so\.\d+$/.test(path));
  const version = versionOf(main?.version);
  if (main === undefined || version === null) return null;
  const rows = cudnnParts.filter(
    ({ from, before }) =>
      compareVersions(version, versionOf(from) ?? []) >= 0 && compareVersions(version, versionOf(before) ?? []) < 0,
  );
  for (const row of rows) {
    const others = copies.filter(({ path }) => path.includes(`/${row.part}.so.`));
    const verdict = others.length === 0 ? null : judge(row, main, image);
    if (verdict !== null) return verdict;
  }
  return null;
}

function judge(row: CudnnPart, main: Copy, image: ImageFacts): Found | null {
  const major = /\.so\.(\d+)$/.exec(main.path)?.[1] ?? '';
  const asking = { path: main.path, looksIn: { tag: 'runpath', folders: ['$ORIGIN'] } } as const;
  const answer = findCopy(`${row.part}.so.${major}`, asking, image);
  if (answer.answer === 'none') return null;
  if (answer.answer === 'unknown') {
    return notKnown(
      rule,
      answer.fact,
      `another cuDNN in the image holds ${row.part}, which ${main.path} opens by name`,
    );
  }
  const { copy } = answer;
  if (compareVersions(versionOf(copy.version) ?? [], versionOf(main.version) ?? []) === 0) return null;
  return found({
    rule,
    compatibility: 'incompatible',
    message: `cuDNN ${main.version} of the wheel opens ${row.part}, which it does not bring, and gets that of cuDNN ${copy.version} (${copy.path})`,
    facts: { cudnn: main.version, part: copy.version },
    source: row.source,
    fix: `an image without the second cuDNN, or a wheel of cuDNN ${row.before} or newer`,
  });
}
