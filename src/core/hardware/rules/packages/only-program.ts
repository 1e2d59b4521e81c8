import type { ImageFacts } from '../../../image/image-facts.ts';
import { otherEngines, torchEngines } from '../../tables/packages/torch-builds.ts';

const programs = new Set(['torch', ...torchEngines, ...otherEngines]);

/** Whether no program of the image uses accelerators but these. Beside another nobody can tell which of them serves. */
export const isOnlyProgram = (image: ImageFacts, own: readonly string[]): boolean =>
  image.python.every(({ name }) => !programs.has(name) || own.includes(name));
