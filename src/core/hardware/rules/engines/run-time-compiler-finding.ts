import { compilerKind, type CompilerKind } from '../../../image/compilers.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import { compiledWheel } from '../../tables/engines/compiler-floors.ts';
import { runTimeCompilers, type RunTimeCompiler } from '../../tables/engines/run-time-compilers.ts';
import { found, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { rowOf } from './published-runtimes.ts';

/** Rows of the engines and libraries that the image holds, in the version of the engine. */
function rowsOf(image: ImageFacts): readonly RunTimeCompiler[] {
  return runTimeCompilers.filter((row) => {
    const version = versionOf(distribution(image, [row.engine]));
    return (
      version !== null &&
      rowOf([row], version) !== null &&
      holdsSource(distribution(image, [row.library])) &&
      (row.unless === undefined || distribution(image, [row.unless]) === null)
    );
  });
}

/** Whether a library is there, and does not bring its kernels compiled. */
const holdsSource = (version: string | null): boolean => version !== null && !isCompiled.test(version);
const isCompiled = new RegExp(compiledWheel);

/** Whether an engine of the image needs a compiler, and nobody looked for compilers. */
export const isCompilerOpen = (image: ImageFacts | null): boolean =>
  image !== null && image.compilers === undefined && rowsOf(image).length > 0;

const nameOf: Readonly<Record<CompilerKind, string>> = { c: 'C compiler (gcc, clang)', cuda: 'nvcc' };

/**
 * Whether the image holds the compilers that its engine calls while it starts. Null where it calls none, or nobody looked for compilers;
 * a pass then names them (`isCompilerOpen`).
 *
 * | the image holds | answer |
 * |---|---|
 * | a compiler of each kind that is called | native |
 * | none of one kind | incompatible: the engine stops when it compiles |
 */
export function runTimeCompilerFinding(image: ImageFacts): Found | null {
  const rows = rowsOf(image);
  const [first] = rows;
  if (first === undefined || image.compilers === undefined) return null;
  const kinds = new Set(image.compilers.map(compilerKind));
  const lacking = rows.find(({ compiler }) => !kinds.has(compiler));
  const row = lacking ?? first;
  return found({
    rule: 'run-time-compiler',
    compatibility: lacking === undefined ? 'native' : 'incompatible',
    message: `${row.engine} ${distribution(image, [row.engine]) ?? ''} compiles by ${row.library} while it starts; the image holds ${lacking === undefined ? 'the compilers' : `no ${nameOf[row.compiler]}`}`,
    facts: { compilers: image.compilers.join(' ') },
    source: row.source,
    fix:
      lacking === undefined
        ? undefined
        : `${nameOf[row.compiler]} in the image${row.unless === undefined ? '' : `, or ${row.unless}`}`,
  });
}
