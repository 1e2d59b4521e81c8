import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import { alwaysBeside, neededPackages, type NeededPackage } from '../../tables/packages/needed-packages.ts';
import { valueOf } from '../arguments/arguments.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, type Found } from '../finding.ts';
import { programsOf } from '../kernels/library-groups.ts';
import { versionOf } from '../numbers.ts';
import { distribution, readWhole } from '../service-facts.ts';
import { isOnlyProgram } from './only-program.ts';

/** Whether the list of distributions is that of a whole installation of the engine. */
const isWhole = (engine: string, image: ImageFacts): boolean =>
  readWhole(image, 'python') && (alwaysBeside[engine] ?? []).every((name) => distribution(image, [name]) !== null);

/** Whether the engine serves the model, in a version of the row, by the method of the row. */
function isAsked(row: NeededPackage, image: ImageFacts, methods: readonly (string | undefined)[]): boolean {
  const version = versionOf(distribution(image, [row.engine]));
  if (version === null || rowOf([row], version) === null) return false;
  if (row.only !== undefined && !isOnlyProgram(image, row.only)) return false;
  return row.method === undefined || methods.includes(row.method);
}

function lacks({ oneOf, folders = [] }: NeededPackage, image: ImageFacts): boolean {
  const programs = programsOf(image);
  return ![...oneOf, ...folders].some((name) => programs.has(name));
}

/**
 * Whether what an engine needs for a model is in the image.
 *
 * | distributions of the image | answer |
 * |---|---|
 * | one of those that the row names, or one of their folders | null |
 * | none of them, and everything that always lies beside the engine | incompatible: it does not import |
 * | none of them, and the list was not read whole, or is an excerpt | null |
 */
export function neededPackageFinding({ image, model, args = [] }: ServiceDemands): Found | null {
  if (image === null) return null;
  const methods = [model?.quantMethod, valueOf(args, ['--quantization', '-q'])];
  const row = neededPackages.find(
    (one) => isAsked(one, image, methods) && isWhole(one.engine, image) && lacks(one, image),
  );
  if (row === undefined) return null;
  const text = distribution(image, [row.engine]);
  const models = row.method === undefined ? 'to start' : `for models that are quantized by ${row.method}`;
  return found({
    rule: 'needed-package',
    compatibility: 'incompatible',
    message: `${row.engine} ${text} needs ${row.oneOf.join(' or ')} ${models}; the image has none`,
    facts: { [row.engine]: text, [row.oneOf[0] ?? '']: 'not in the image' },
    source: row.source,
    fix: `${row.oneOf.join(' or ')} in the image`,
  });
}
