/**
 * Whether the cases see a mistake in the rules: changes the rules and their tables one place at a time (a comparison, a
 * rule left out, a number of a table, a whole row), and runs every case against each change. A change that no case notices
 * is a rule that nothing holds.
 *
 *   node_modules/.bin/node scripts/mutate-rules.ts [--workers 2] [--file PART] [--list]
 *
 * Ends with a summary line. Exit status 1 when a change survives that is not named, with its reason, in
 * scripts/mutants-that-change-nothing.json.
 */
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { build, type Plugin } from 'esbuild';
import { mutantsOf, type Mutant } from './mutants.ts';

const root = path.dirname(import.meta.dirname);
/** A copy, so that what somebody edits meanwhile is not taken for the work of a mutant. */
const copy = mkdtempSync(path.join(tmpdir(), 'plimsoll-mutants-'));
const cases = path.join('src', 'testing', 'hardware-cases');
for (const folder of [path.join('src', 'core'), cases]) {
  cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true });
}
const room = path.join(copy, 'src', 'core', 'hardware');

function inRoom(name: string): string {
  const [file, ...more] = globSync(`**/${name}.ts`, { cwd: room });
  if (file === undefined || more.length > 0) throw new Error(`not one file of the hardware room is named ${name}.ts`);
  return file.split(path.sep).join('/');
}

const timeLimitMs = 60_000;

/** Files that decide. Those that put decisions into words (`explain-*`, `finding`) are held by tests of their own. */
const files: readonly string[] = [
  ...['outcome', 'numbers', 'unit-facts', 'service-facts', 'forward-path', 'cuda-paths', 'cuda-and-kernels', 'facets'],
  ...['kernel-runs', 'library-groups', 'kernels', 'device-rules', 'engine-rule', 'published-runtimes'],
  ...['contract-runtimes', 'cpu-rules', 'image-accelerator', 'require-finding', 'require-rule'],
  ...['compression', 'precision-rule', 'image-floors', 'state-rules', 'checked-facts', 'memory-rule', 'memory-range'],
  ...['library-names', 'named-libraries'],
]
  .map(inRoom)
  .concat(
    [
      'engine-floor-rule',
      'linked-runtime-finding',
      'product-traits',
      'state-warnings',
      'bitsandbytes-finding',
      'visible-devices-finding',
      'instruction-needs',
      'search-order',
      'older-copy-finding',
      'mixed-cudnn-finding',
      'stub-driver-finding',
      'driver-capabilities-rule',
      'onnx-ir-finding',
      'kernel-shape-rule',
      'nccl-rule',
      'run-time-compiler-finding',
      'other-major-finding',
      'shared-memory-rule',
      'unified-memory-rule',
      'ggml-code-rule',
      'compiler-floor-rule',
      'cuda-version-rule',
      'package-pair-finding',
      'needed-package-finding',
      'model-type-finding',
      'torch-build-finding',
      'torch-abi-finding',
      'model-split-finding',
      'same-version-finding',
      'only-program',
      'gguf-reader-finding',
      'quantization-method-finding',
      'arguments',
      'argument-floor-rule',
      'served-model',
      'context-finding',
      'uvm-rule',
      'container-devices-rule',
      'locked-memory-rule',
      'page-size-rule',
      'huge-pages-rule',
      'memory-service-rule',
      'driver-call-rule',
      'nv-switches-rule',
      'cdi-spec-rule',
      'thread-start-rule',
      'wsl-rule',
      'shared-devices-rule',
      'executable-stack-finding',
      'driver-files-rule',
      'virtual-profile-rule',
      'compat-device-rule',
      'mps-clients-rule',
      'driver-library-rule',
      'driver-glibc-rule',
    ].map(inRoom),
  )
  .concat(['prepare-service', 'judge-units', 'judge-node', 'require-string', 'mig-placement'].map(inRoom))
  .concat(
    [
      'cuda-drivers',
      'forward-compatibility',
      'brands',
      'capabilities',
      'runtimes',
      'mig-profiles',
      'cpu-levels',
      'gpus',
      'library-roles',
      'engine-precisions',
      'engine-floors',
      'linked-runtimes',
      'wheel-floors',
      'sharing-floors',
      'device-states',
      'compressed-builds',
      'onnx-ir',
      'wheel-instructions',
      'loaded-copies',
      'kernel-shapes',
      'nccl-floors',
      'run-time-compilers',
      'shared-memory',
      'ggml-code',
      'compiler-floors',
      'package-pairs',
      'needed-packages',
      'layer-placers',
      'model-types',
      'torch-builds',
      'model-splits',
      'same-versions',
      'gguf-readers',
      'quantization-methods',
      'argument-floors',
      'context-arguments',
      'host-states',
      'memory-services',
      'container-hosts',
      'injected-libraries',
    ].map(inRoom),
  );

interface ChangeOfNothing {
  readonly file: string;
  /** The line as it stands, and what the mutant makes of the part that it changes. */
  readonly line: string;
  readonly change: string;
  readonly reason: string;
}

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
};

const harmless = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'mutants-that-change-nothing.json'), 'utf8'),
) as readonly ChangeOfNothing[];

/** The cases with the rules in one text, with one file as the mutant has it. */
async function bundle(file: string, text: string): Promise<string> {
  const mutated: Plugin = {
    name: 'mutated',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, (loaded) => (loaded.path === file ? { contents: text, loader: 'ts' } : null));
    },
  };
  const result = await build({
    entryPoints: [path.join(copy, cases, 'run-cases.ts')],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    logLevel: 'silent',
    nodePaths: [path.join(root, 'node_modules')],
    plugins: [mutated],
  });
  return result.outputFiles[0]?.text ?? '';
}

type Outcome = { readonly kind: 'killed' | 'survived'; readonly by: string };

const runner = `
const { parentPort, workerData } = require('node:worker_threads');
try {
  const module = { exports: {} };
  new Function('module', 'exports', 'require', workerData)(module, module.exports, require);
  parentPort.postMessage(module.exports.firstFailure());
} catch (thrown) {
  parentPort.postMessage('throws: ' + thrown);
}`;

/** In a thread of its own: a mutant may loop for ever. */
function run(code: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const worker = new Worker(runner, { eval: true, workerData: code });
    const timer = setTimeout(() => finish({ kind: 'killed', by: 'it does not end' }), timeLimitMs);
    const finish = (outcome: Outcome): void => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(outcome);
    };
    worker.once('message', (failure: string | null) =>
      finish(failure === null ? { kind: 'survived', by: '' } : { kind: 'killed', by: failure }),
    );
    worker.once('error', (error) => finish({ kind: 'killed', by: String(error) }));
  });
}

async function judge(mutant: Mutant): Promise<Outcome> {
  try {
    return await run(await bundle(mutant.path, mutant.text));
  } catch (thrown) {
    return { kind: 'killed', by: `does not build: ${String(thrown).slice(0, 100)}` };
  }
}

const isHarmless = ({ file, line, change }: Mutant): boolean =>
  harmless.some((one) => one.file === file && one.line === line && one.change === change);

async function main(): Promise<number> {
  const part = option('--file') ?? '';
  const mutants = files.filter((file) => file.includes(part)).flatMap((file) => mutantsOf(path.join(room, file), file));
  if (process.argv.includes('--list')) {
    for (const { file, lineNumber, change } of mutants) console.log(`${file}:${lineNumber}  ${change}`);
    console.log(`${mutants.length} mutants`);
    return 0;
  }
  const sound = await judge({ ...(mutants[0] as Mutant), text: readFileSync((mutants[0] as Mutant).path, 'utf8') });
  if (sound.kind === 'killed') {
    console.error(`the cases fail without any change: ${sound.by}`);
    return 2;
  }
  let next = 0;
  let killed = 0;
  let nothing = 0;
  const survived: Mutant[] = [];
  const work = async (): Promise<void> => {
    for (let mutant = mutants[next++]; mutant !== undefined; mutant = mutants[next++]) {
      const { kind } = await judge(mutant);
      if (kind === 'killed') killed += 1;
      else if (isHarmless(mutant)) nothing += 1;
      else {
        survived.push(mutant);
        console.log(`survives: ${mutant.file}:${mutant.lineNumber}  ${mutant.change}\n          ${mutant.line}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Number(option('--workers') ?? '2') }, work));
  console.log(
    `mutants: ${mutants.length}, killed ${killed}, change nothing ${nothing}, survive ${survived.length}` +
      ` (${(((killed + nothing) / mutants.length) * 100).toFixed(1)} %)`,
  );
  return survived.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} finally {
  rmSync(copy, { recursive: true, force: true });
}
