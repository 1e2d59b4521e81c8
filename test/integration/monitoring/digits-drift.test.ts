/** The digits example with a real cause of drift, from its start to the cause that is named. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exampleFolder } from '../../../examples/digits/cache.ts';
import { commandsFor } from '../../../examples/digits/start/commands.ts';
import { exampleContract } from '../../../examples/digits/start/register.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'digits-drift-'));
const state = path.join(scratch, 'state');
const freePorts = ['--listen', '127.0.0.1:0', '--gateway-listen', '127.0.0.1:0'];
const soon = { timeout: 120_000, interval: 500 };
let running: ChildProcess | null = null;

afterAll(() => {
  running?.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});

test('inverted digits: the watch says that live data left, the cause, the remedy, and which evidence no longer holds', async () => {
  const words = ['--state', state, '--drift', 'invert', '--rate', '60', ...freePorts];
  const child = spawn(process.execPath, [path.join(exampleFolder, 'start.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running = child;
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const commands = commandsFor(['--contract', exampleContract, '--state', state], () => undefined);
  const answerOf = async (question: string): Promise<unknown> => {
    const { json } = await commands.run(['doctor'], [0, 1]);
    const { answers } = json as { readonly answers: readonly { readonly question: string; readonly answer: string }[] };
    return answers.find((each) => each.question === question)?.answer;
  };

  await expect.poll(() => out, soon).toContain('the watch learns what is usual');
  await expect.poll(() => out, soon).toContain('look further');
  // Before the digits are inverted the watch runs, and the fourth question is answered.
  expect(out).toContain('doctor  Is the quality of live outputs monitored? yes');
  expect(out, out).toMatch(/ALARM {3}live data left what was evaluated: .*image\.mean, mean \d+\.\d sd up/);
  expect(out).toContain('CAUSE   data');
  expect(out).toContain('REMEDY  look at what moved');

  const { exit, json } = await commands.run(['drift'], [1]);
  expect([exit, json]).toMatchObject([
    1,
    { verdict: 'fail', cause: 'data', remedy: { command: 'plimsoll evaluate' }, status: { left: { isChange: true } } },
  ]);
  const check = await commands.run(['check'], [0, 1, 2, 3]);
  expect(JSON.stringify(check.json)).toContain('invalidated by the watch: live data left what was evaluated');
  expect(await answerOf('output-quality-monitored')).toBe('no');

  await commands.run(['drift', 'acknowledge', 'distance', '--reason', 'a test']);
  const { json: known } = await commands.run(['drift'], [0, 1]);
  expect(known).toMatchObject({ verdict: 'fail', status: { left: null } });
  await commands.close();
  child.kill('SIGINT');
  expect(await exited).toBe(0);
}, 240_000);

test.each([
  [['--drift', 'inverted'], '--drift takes one of invert, shift, node, labels, not `inverted`'],
  [['--drift', 'invert', '--once'], '--drift runs until Ctrl-C'],
])('%j is refused', async (words, why) => {
  const child = spawn(process.execPath, [path.join(exampleFolder, 'start.ts'), ...words]);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(2);
  expect(err).toContain(why);
  expect(err).toContain('npm start -- --help');
});
