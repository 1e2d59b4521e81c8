import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import { ollamaFolder, processorChoices, type ProcessorChoice } from '../../tables/arguments/processor-choices.ts';
import { found, type Found } from '../finding.ts';
import { isOnlyProgram } from '../packages/only-program.ts';
import { distribution } from '../service-facts.ts';
import { valueOf, type Arguments } from './arguments.ts';

const hasPath = ({ libraries }: ImageFacts, pattern: string): boolean => {
  const regex = new RegExp(pattern);
  return libraries.some(({ path }) => regex.test(`/${path}`));
};

const isIn = (image: ImageFacts, { distribution: name, path }: ProcessorChoice): boolean =>
  (name !== undefined && distribution(image, [name]) !== null) || (path !== undefined && hasPath(image, path));

/** What says so: the argument or the variable with its value, or that neither is written. Undefined where nothing does. */
function whatSays(row: ProcessorChoice, args: Arguments, { env }: ImageFacts): string | undefined {
  const values = new RegExp(row.values, 'i');
  const name = row.arguments.find((each) => valueOf(args, [each]) !== undefined);
  if (name !== undefined) {
    const value = valueOf(args, [name]) ?? '';
    return values.test(value) ? `${name} ${value}` : undefined;
  }
  const variable = row.variables.find((each) => env[each] !== undefined && env[each] !== '');
  if (variable !== undefined) return values.test(env[variable] ?? '') ? `${variable}=${env[variable]}` : undefined;
  return row.byDefault === true ? `no ${row.arguments.join(' or ')}` : undefined;
}

/**
 * Whether the contract or the image tells a program to compute on the processor, while a replica takes accelerators.
 *
 * | what is written | answer |
 * |---|---|
 * | nothing, or an accelerator | null |
 * | the processor | incompatible |
 * | the processor, in a variable beside other programs that may use accelerators | null |
 * | a folder of libraries that Ollama does not have | unknown: its version decides |
 */
export function processorChoiceFinding({ image, args = [] }: ServiceDemands): Found | null {
  if (image === null) return null;
  for (const row of processorChoices.filter((each) => isIn(image, each))) {
    const says = whatSays(row, args, image);
    if (says === undefined || (row.alone === true && !isOnlyProgram(image, [row.distribution ?? '']))) continue;
    return found({
      rule: 'processor-choice',
      compatibility: 'incompatible',
      message: `${says}: ${row.program} computes on the processor, and uses no accelerator`,
      facts: { says, program: row.program },
      source: row.source,
      fix: says.startsWith('no ') ? `${row.arguments[0]} cuda in code.args` : `a contract and an image without ${says}`,
    });
  }
  return ollamaFolderFinding(image);
}

function ollamaFolderFinding({ env, libraries }: ImageFacts): Found | null {
  const { variable, source } = ollamaFolder;
  const folder = (env[variable] ?? '').slice(0, 80);
  const paths = libraries.map(({ path }) => `/${path}`).filter((path) => path.includes('/ollama/'));
  if (folder === '' || paths.length === 0 || paths.some((path) => path.includes(`/${folder}/`))) return null;
  return found({
    rule: 'processor-choice',
    compatibility: 'unknown',
    message: `${variable}=${folder} names no folder of libraries that the image has: its version of Ollama decides whether it computes on the processor`,
    facts: { [variable]: folder },
    source,
    fix: `a contract and an image without ${variable}`,
  });
}
