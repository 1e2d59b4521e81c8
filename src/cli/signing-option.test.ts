import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeTestKey } from '../testing/builders/trust-builders.ts';
import { contextOf, runCommandLine } from '../testing/rigs/command-line.ts';
import { withSigningKey } from './signing-option.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-key-'));
});
afterEach(() => rm(folder, { recursive: true }));

it.each([
  'capacity',
  'coldstart',
  'evaluate',
  'golden record',
  'verify',
  'scale simulate',
  'rollback --drill --reason why',
])(
  '%s reads the key before it measures anything',
  async (line) => {
    const answer = await runCommandLine([...line.split(' '), '--key', 'none.key'], { cwd: folder });
    expect(answer).toMatchObject({ exit: 2, err: expect.stringContaining('none.key cannot be read') as string });
  },
  // Each command is loaded with all that it measures by.
  120_000,
);

it('names the key for what is recorded, by its whole path', async () => {
  await writeFile(path.join(folder, 'ci.key'), makeTestKey('ci').pem, { mode: 0o600 });
  const context = contextOf({ cwd: folder, env: { LANG: 'C' } });
  const { env } = await withSigningKey(context, 'ci.key');
  expect(env).toEqual({ LANG: 'C', PLIMSOLL_SIGNING_KEY: path.join(folder, 'ci.key') });
  expect(await withSigningKey(context, undefined)).toBe(context);
});
