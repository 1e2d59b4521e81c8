import { afterAll, beforeAll, expect, it } from 'vitest';
import { suggestedCommands } from '../../../src/testing/suggestions/suggested-command.ts';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

/** What a service asks of commands on its way from a contract to a rollback, and whatever they suggest is run there too. */
const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
hardware: { accelerator: cpu }
monitoring: { golden: tiny-golden }
`;

const asked: readonly (readonly string[])[] = [
  ['check'],
  ['check', '--online'],
  ['doctor'],
  ['status'],
  ['pin'],
  ['verify'],
  ['golden', 'record'],
  ['evaluate'],
  ['release', '--no-wait'],
  ['release', '--promote', '--reason', 'a test'],
  ['release', '--cancel', '--reason', 'a test'],
  ['rollback', '--model', '--reason', 'a test'],
  ['rollback', '--drill'],
  ['scale', 'status'],
  ['scale', 'explain'],
  ['page'],
  ['history', '--kind', 'nothing'],
  ['token', 'revoke', 'nobody'],
  ['model', 'show', 'tiny'],
  ['data', 'show', 'nothing'],
  ['pool', 'show', 'nothing'],
  ['explain', 'hardwear'],
  ['chekc'],
];

/** It runs until it is stopped: the world has its own. */
const endless = ['up', 'serve-model', 'gateway', 'control-plane'];

let project: UserProject;
beforeAll(() => {
  project = new UserProject({
    files: {
      'plimsoll.yaml': contract,
      'model.onnx': tinyModel(1).bytes,
      'golden.jsonl': [0, 1, 2].map((index) => `${JSON.stringify({ x: rowOf(index) })}\n`).join(''),
    },
  });
});
afterAll(async () => {
  const stopped = await project.stop();
  project.remove();
  expect(stopped.left).toBe(0);
});

/** Command lines without a placeholder, which somebody can copy and run. */
async function runnable(text: string): Promise<readonly string[]> {
  const hints = [...text.matchAll(/(?:next|renew [\w-]+): (.*)|`(plimsoll [^`]+)`/g)];
  const found = (await Promise.all(hints.map(([, next, quoted]) => suggestedCommands(next ?? quoted ?? '')))).flat();
  return found
    .filter(({ words, isMention }) => !isMention && !endless.includes(words[0] ?? ''))
    .filter(({ words }) => !words.some((word) => /^(?:[A-Z][A-Z_:-]+|.*[A-Z]{3,}.*)$|\.\.\.$/.test(word)))
    .map(({ words }) => words.join(' '));
}

/** It needs first what only a person can name, and says the command that takes it. */
const asksForMore = (stderr: string): boolean => /^ {2}next: plimsoll .*\b(?:FILE|NAME|SOURCE)\b/m.test(stderr);

async function refusedSuggestions(): Promise<readonly string[]> {
  const suggestedBy = new Map<string, string>();
  for (const words of asked) {
    const { stdout, stderr } = await project.plimsoll(...words);
    for (const command of await runnable(stdout + stderr)) suggestedBy.set(command, words.join(' '));
  }
  const refused: string[] = [];
  for (const [command, by] of suggestedBy) {
    const { status, stderr } = await project.plimsoll(...command.split(' '));
    if ((status === 2 && !asksForMore(stderr)) || status === 70)
      refused.push(`${by} -> ${command}: ${status}: ${stderr}`);
  }
  expect(suggestedBy.size).toBeGreaterThan(5);
  return refused;
}

it('holds before anything is there', { timeout: 240_000 }, async () => {
  expect(await refusedSuggestions()).toEqual([]);
});

it('holds with a model, and nothing pinned', { timeout: 240_000 }, async () => {
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  expect(await refusedSuggestions()).toEqual([]);
});

it('holds while it serves', { timeout: 240_000 }, async () => {
  for (const words of [['pin'], ['verify'], ['golden', 'record']]) await project.passing(...words);
  await project.up();
  await project.passing('release');
  expect(await refusedSuggestions()).toEqual([]);
});
