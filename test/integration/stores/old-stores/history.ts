import { setTimeout as delay } from 'node:timers/promises';
import { rowOf, tinyModel } from '../../../rigs/tiny-model.ts';
import type { ServiceView } from '../../../../src/schemas/view/view.ts';
import type { UserProject } from '../../../user-project.ts';

const models = { first: tinyModel(1), second: tinyModel(2), third: tinyModel(3) };
const evaluatedRows = 60;
/** Each is a process of its own; together they make the log of events several hundred long. */
const aliasMoves = 200;
const waiver = ['--reason', 'made for a test of old stores', '--until', '2099-12-31'];

/** The files that a user begins with. */
export function filesOfProject(): Readonly<Record<string, string | Uint8Array>> {
  const rows = Array.from({ length: evaluatedRows }, (_, row) => rowOf(row));
  const labelled = rows.map((x) => ({ x, label: largestOf(models.first.answer(x)) }));
  return {
    'first.onnx': models.first.bytes,
    'golden.jsonl': jsonLines(rows.slice(0, 3).map((x) => ({ x }))),
    'labelled.jsonl': jsonLines(labelled),
  };
}

/**
 * A short life of one service, by command lines alone: releases, a rollout in steps, a drill, a rollback with its bar,
 * waivers, aliases. Ends with release 7 live, and with another model and another code that it can be rolled back to.
 */
export async function liveThroughHistory(project: UserProject): Promise<void> {
  await project.passing('init', '--yes', '--service', 'tiny', '--model', 'tiny', '--golden', 'tiny-golden');
  const initial = project.read('plimsoll.yaml');
  const writeContract = (...lines: readonly string[]): void =>
    project.write('plimsoll.yaml', [initial.trimEnd(), evaluation, ...lines, ''].join('\n'));
  writeContract();
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  await project.passing('data', 'add', 'labelled.jsonl', '--name', 'tiny-labelled');
  await project.passing('model', 'add', 'first.onnx', '--name', 'tiny', '--alias', 'candidate');
  await prove(project);
  await project.up();
  await project.passing('release');

  writeContract('rollout: { steps: [50%, 100%] }');
  await addCandidate(project, 'second');
  await prove(project);
  await project.passing('release', '--no-wait', '--waive', 'rollback', ...waiver);
  await until(project, ({ deployment }) => deployment?.phase === 'stepping');
  await project.passing('release', '--pause', '--reason', 'made for a test of old stores');
  await project.passing('release', '--resume');
  await project.passing('release', '--promote', '--reason', 'made for a test of old stores');
  await untilLive(project);
  await project.passing('rollback', '--drill');
  await project.passing('rollback', '--model', '--reason', 'answers twice as large');

  writeContract();
  project.write('plimsoll.yaml', project.read('plimsoll.yaml').replace(/^code:$/m, 'code:\n  env: { STAGE: second }'));
  await project.passing('model', 'alias', 'tiny', 'candidate', '1', '--reason', 'version 2 was rolled back');
  await project.passing('pin');
  await project.passing('release', '--waive', 'golden', '--waive', 'evaluation', ...waiver);

  await addCandidate(project, 'third');
  await prove(project);
  await project.passing('release');
  await project.passing('release', '--unwaive', 'evaluation', '--reason', 'measured meanwhile');
  await moveAliases(project);
}

const evaluation = 'evaluation: { dataset: tiny-labelled, gates: [{ metric: accuracy, atLeast: 50% }] }';

async function addCandidate(project: UserProject, name: 'second' | 'third'): Promise<void> {
  project.write(`${name}.onnx`, models[name].bytes);
  await project.passing('model', 'add', `${name}.onnx`, '--name', 'tiny', '--alias', 'candidate');
}

async function prove(project: UserProject): Promise<void> {
  await project.passing('pin');
  await project.passing('golden', 'record');
  await project.passing('evaluate');
}

/** `stable` goes back and forth, and ends at version 3. */
async function moveAliases(project: UserProject): Promise<void> {
  for (let move = 1; move <= aliasMoves; move += 1) {
    const version = move === aliasMoves ? 3 : 1 + (move % 2);
    await project.passing('model', 'alias', 'tiny', 'stable', String(version), '--reason', `move ${move}`);
  }
}

/** The live release has a replica that requests go to. */
export async function untilLive(project: UserProject): Promise<void> {
  await until(project, ({ deployment, replicas }) => {
    const serving = replicas.filter(
      ({ admitted, state, release }) => admitted && state === 'ready' && release === deployment?.live,
    );
    return deployment?.phase === 'live' && serving.length > 0;
  });
}

async function until(project: UserProject, holds: (view: ServiceView) => boolean): Promise<void> {
  const giveUpMs = performance.now() + 60_000;
  while (!holds(await project.view())) {
    if (performance.now() > giveUpMs) throw new Error(`not in a minute: ${holds}`);
    await delay(200);
  }
}

function largestOf(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
