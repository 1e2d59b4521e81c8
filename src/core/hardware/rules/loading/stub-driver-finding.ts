import type { ImageFacts } from '../../../image/image-facts.ts';
import { folderOf } from '../../../image/image-path.ts';
import { stubSource } from '../../tables/loading/loaded-copies.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { plainFolder, variableFolders } from './search-order.ts';

const rule = 'stub-driver';

/**
 * Whether LD_LIBRARY_PATH puts the stub of the toolkit in the place of the driver's library. Null where it names no folder of stubs.
 *
 * | the folder of stubs holds | answer |
 * |---|---|
 * | `libcuda.so.1` | incompatible: every call fails (error 34) |
 * | `libcuda.so` alone | native, with a warning: programs that open that name fail |
 * | not read | unknown |
 */
export function stubDriverFinding(image: ImageFacts): Found | null {
  const stubs = variableFolders(image).filter((folder) => /\/stubs\/?$/.test(folder));
  if (stubs.length === 0) return null;
  if (image.copies === undefined) {
    return notKnown(rule, 'image.copies', `LD_LIBRARY_PATH names ${stubs.join(' and ')}`);
  }
  const folders = new Set(stubs.map(plainFolder));
  const copy = Object.keys(image.copies).find(
    (path) => path.endsWith('/libcuda.so.1') && folders.has(plainFolder(folderOf(path))),
  );
  return found({
    rule,
    compatibility: copy === undefined ? 'native' : 'incompatible',
    message:
      copy === undefined
        ? `LD_LIBRARY_PATH names ${stubs.join(' and ')}: a program that opens libcuda.so gets the stub of the toolkit`
        : `LD_LIBRARY_PATH puts ${copy}, a stub of the toolkit, before the library of the driver: every call of CUDA fails (error 34)`,
    facts: { LD_LIBRARY_PATH: stubs.join(':') },
    source: stubSource,
    fix: 'LD_LIBRARY_PATH without the folder of stubs',
    warning: copy === undefined,
  });
}
