import type { ImageFacts } from '../../../image/image-facts.ts';
import { modelOpeners, type ModelTypeRow } from '../../tables/model-types/model-openers.ts';
import { libraryEngines } from '../../tables/packages/library-engines.ts';
import { otherEngines, torchEngines } from '../../tables/packages/torch-builds.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';

const programs = new Set(['torch', ...torchEngines, ...otherEngines]);

/** Whether no program of the image uses accelerators but these. Beside another nobody can tell which of them serves. */
export const isOnlyProgram = (image: ImageFacts, own: readonly string[]): boolean =>
  image.python.every(({ name }) => !programs.has(name) || own.includes(name));

/** Another program of the image than these, which may open a model of the format in their place; undefined where there is none. */
export const otherOpener = (
  image: ImageFacts,
  format: ModelTypeRow['format'],
  refusing: readonly string[],
): string | undefined =>
  modelOpeners[format].find((name) => !refusing.includes(name) && distribution(image, [name]) !== null);

/**
 * The image without engines that lie in it as a library of another (`libraryEngines`): what rules ask that speak of the model, of its arguments, or of
 * variables of the engine. Rules of what is imported or called ask the image itself, because a library is.
 */
export function withoutLibraryEngines(image: ImageFacts): ImageFacts {
  const left = libraryEngines.filter((row) => {
    const version = versionOf(distribution(image, [row.of]));
    return version !== null && rowOf([row], version) !== null;
  });
  return { ...image, python: image.python.filter(({ name }) => !left.some(({ engine }) => engine === name)) };
}
