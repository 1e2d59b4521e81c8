/**
 * Whether the cases see a mistake in the rules: changes the rules and their tables one place at a time (a comparison, a
 * rule left out, a number of a table, a whole row), and runs every case against each change. A change that no case notices
 * is a rule that nothing holds.
 *
 *   node_modules/.bin/node scripts/mutate-rules.ts [--workers 2] [--file PART] [--list]
 *
 * Ends with a summary line. Exit status 1 when a change survives that is not named, with its reason, in
 * scripts/mutants/change-nothing.json. When none does, the command that records the figure of the README follows.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { caseCount } from '../src/testing/hardware-cases/run-cases.ts';
import { readCaseModules, transformModule, type CaseModules } from './mutants/case-modules.ts';
import type { Trial, TrialOutcome } from './mutants/case-worker.ts';
import { mutantsOf, type Mutant } from './mutants/mutants.ts';

const root = path.dirname(import.meta.dirname);
const room = 'src/core/hardware';
const timeLimitMs = 60_000;

/** Rooms whose files decide, all of them: a rule that is added is mutated without being named anywhere. */
const deciding = ['rules/**/*.ts', 'tables/**/*.ts'];
/** Single files of other rooms that decide. What only gathers or counts is held by tests of its own. */
const decidingAlso = ['prepare-service', 'judge-units', 'judge-node', 'mig-placement'].map(
  (name) => `judging/${name}.ts`,
);
/** Files in the deciding rooms that put a decision into words, or list tables for people. */
const onlyWords = [
  '**/explain-*.ts',
  'rules/finding.ts',
  'tables/source.ts',
  'tables/fact-commands.ts',
  'tables/rule-tables.ts',
];
/** Files that no verdict asks: what they tell beforehand is held by tests beside them. */
const askedBeforehand = [
  'rules/kernels/image-limits.ts',
  ...['infer-profile', 'product-memory', 'profile-memory'].map((name) => `tables/${name}.ts`),
];

const files = globSync([...deciding, ...decidingAlso, 'model/memory-range.ts'], {
  cwd: path.join(root, room),
  exclude: ['**/*.test.ts', ...onlyWords, ...askedBeforehand],
}).sort();

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
  readFileSync(path.join(import.meta.dirname, 'mutants', 'change-nothing.json'), 'utf8'),
) as readonly ChangeOfNothing[];

/** A thread that runs the cases, and another in its place when a change never ends in it. */
class CaseThread {
  private worker: Worker | null = null;
  private readonly modules: CaseModules;

  constructor(modules: CaseModules) {
    this.modules = modules;
  }

  run(trial: Trial): Promise<TrialOutcome> {
    const worker = (this.worker ??= new Worker(new URL('mutants/case-worker.ts', import.meta.url), {
      workerData: this.modules,
    }));
    return new Promise((resolve) => {
      const finish = (outcome: TrialOutcome): void => {
        clearTimeout(timer);
        worker.off('message', finish).off('error', fail);
        resolve(outcome);
      };
      const giveUp = (says: string): void => {
        finish({ place: -1, says });
        this.close();
      };
      const fail = (error: Error): void => giveUp(String(error));
      const timer = setTimeout(() => giveUp('it does not end'), timeLimitMs);
      worker.once('message', finish);
      worker.once('error', fail);
      worker.postMessage(trial);
    });
  }

  close(): void {
    void this.worker?.terminate();
    this.worker = null;
  }
}

/** Which cases saw changes of a file, the last one first: its other changes are most likely seen by these. */
class Witnesses {
  private readonly places = new Map<string, readonly number[]>();

  of(file: string): readonly number[] {
    return this.places.get(file) ?? [];
  }

  add(file: string, place: number): void {
    if (place >= 0) this.places.set(file, [place, ...this.of(file).filter((one) => one !== place)].slice(0, 64));
  }
}

const isHarmless = ({ file, line, change }: Mutant): boolean =>
  harmless.some((one) => one.file === file && one.line === line && one.change === change);

function listMutants(): readonly Mutant[] {
  const part = option('--file') ?? '';
  return files.filter((file) => file.includes(part)).flatMap((file) => mutantsOf(path.join(root, room, file), file));
}

interface Counts {
  killed: number;
  nothing: number;
  survived: number;
}

async function judgeAll(mutants: readonly Mutant[], modules: CaseModules): Promise<Counts> {
  const counts: Counts = { killed: 0, nothing: 0, survived: 0 };
  const witnesses = new Witnesses();
  let next = 0;
  const work = async (): Promise<void> => {
    const thread = new CaseThread(modules);
    for (let mutant = mutants[next++]; mutant !== undefined; mutant = mutants[next++]) {
      const outcome = await judge(mutant, thread, witnesses.of(mutant.file));
      if (outcome !== null) {
        counts.killed += 1;
        witnesses.add(mutant.file, outcome.place);
      } else if (isHarmless(mutant)) counts.nothing += 1;
      else {
        counts.survived += 1;
        console.log(`survives: ${mutant.file}:${mutant.lineNumber}  ${mutant.change}\n          ${mutant.line}`);
      }
      const done = counts.killed + counts.nothing + counts.survived;
      if (done % 250 === 0) console.error(`${done} of ${mutants.length}`);
    }
    thread.close();
  };
  await Promise.all(Array.from({ length: Number(option('--workers') ?? '2') }, work));
  return counts;
}

async function judge({ file, text }: Mutant, thread: CaseThread, tryFirst: readonly number[]): Promise<TrialOutcome> {
  try {
    return await thread.run({ file: path.posix.join(room, file), code: await transformModule(text), tryFirst });
  } catch (thrown) {
    return { place: -1, says: `does not build: ${String(thrown).slice(0, 100)}` };
  }
}

async function main(): Promise<number> {
  const mutants = listMutants();
  if (process.argv.includes('--list')) {
    for (const { file, lineNumber, change } of mutants) console.log(`${file}:${lineNumber}  ${change}`);
    console.log(`${mutants.length} mutants`);
    return 0;
  }
  const [first] = mutants;
  if (first === undefined) {
    console.error(`no file that decides has ${option('--file') ?? ''} in its name; --list names them all`);
    return 2;
  }
  const modules = await readCaseModules(root, 'src/testing/hardware-cases/run-cases.ts');
  const unread = files.filter((file) => !modules.modules.has(path.posix.join(room, file)));
  if (unread.length > 0) {
    console.error(`no case reaches ${unread.join(', ')}`);
    return 2;
  }
  const thread = new CaseThread(modules);
  const sound = await judge({ ...first, text: readFileSync(first.path, 'utf8') }, thread, []);
  thread.close();
  if (sound !== null) {
    console.error(`the cases fail without any change: ${sound.says}`);
    return 2;
  }
  const { killed, nothing, survived } = await judgeAll(mutants, modules);
  const share = (((killed + nothing) / mutants.length) * 100).toFixed(1);
  console.log(
    `mutants: ${mutants.length}, killed ${killed}, change nothing ${nothing}, survive ${survived} (${share} %)`,
  );
  if (survived === 0 && option('--file') === undefined) {
    const [total, caught, cases] = [mutants.length, killed, caseCount].map((count) => count.toLocaleString('en'));
    console.log(
      `npm run figures -- record hardware-mutants '${total} mutants: ${caught} caught by ${cases} cases, ${nothing} change nothing'`,
    );
  }
  return survived === 0 ? 0 : 1;
}

process.exitCode = await main();
