/**
 * The figures of the README: which are stale, and writing down those that no measurement of `bench` gives.
 *
 *   npm run figures                                        names the stale figures; 1 when one is absent or malformed
 *   npm run figures -- record ID TEXT [--missed SENTENCE]  what a command said just now, of the sources as they are
 */
import { parseArgs } from 'node:util';
import { figures } from './figures/figure-table.ts';
import { figureLines, judgeFigures } from './figures/judge-figures.ts';
import { presentLoad, presentSources, readFigures, recordFigures } from './figures/record-figures.ts';

const usage = `npm run figures                                        names the stale figures; 1 when one is absent or malformed
npm run figures -- record ID TEXT [--missed SENTENCE]  what a command said just now, of the sources as they are

Example: npm run figures -- record digits-accuracy '97.2%'
ID is one of ${figures.map((each) => each.id).join(', ')}`;

function list(): number {
  const present = presentSources();
  const recorded = readFigures();
  if (present === null) {
    console.log('figures: no checkout of git, so that nothing tells which are stale');
    return 0;
  }
  const judgement = judgeFigures(figures, recorded, present);
  for (const line of figureLines(judgement, recorded)) console.log(line);
  return judgement.unknown.length > 0 || judgement.states.some(({ state }) => state === 'absent') ? 1 : 0;
}

function record(id: string, text: string, missed: string | undefined): number {
  const definition = figures.find((each) => each.id === id);
  if (definition === undefined || text === '') {
    console.error(usage);
    return 2;
  }
  recordFigures([{ definition, measured: { text, values: {}, met: missed === undefined, missed } }], presentLoad());
  console.log(`recorded ${id}; now npm run generate`);
  return 0;
}

function readArguments(): {
  readonly positionals: string[];
  readonly missed?: string | undefined;
  readonly help?: boolean | undefined;
} {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { missed: { type: 'string' }, help: { type: 'boolean' } },
    });
    return { positionals, ...values };
  } catch (thrown) {
    console.error(`figures: ${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${usage}`);
    return process.exit(2);
  }
}

const { positionals, missed, help } = readArguments();
const [command, id = '', text = ''] = positionals;
if (help === true) console.log(usage);
else process.exitCode = command === 'record' ? record(id, text, missed) : list();
