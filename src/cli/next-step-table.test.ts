import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextSteps } from '../core/units/next-steps/table.ts';
import { suggestedCommands } from '../testing/suggestions/suggested-command.ts';
import { commands } from './commands.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Next steps that are still written where they are said. It only ever gets smaller: a new one is a row of the table. */
const outsideAtMost = 690;

describe('the table of next steps', () => {
  it('takes in every new one', () => {
    const sources = globSync('src/**/*.ts', { cwd: root }).filter(
      (name) => !name.includes('.test.') && !name.startsWith(path.join('src', 'testing')),
    );
    const outside = sources.flatMap((name) => [
      ...readFileSync(path.join(root, name), 'utf8').matchAll(/\bnext:\s*['`"]/g),
    ]).length;
    expect(sources.length).toBeGreaterThan(1_000);
    expect(outside).toBeLessThanOrEqual(outsideAtMost);
  });

  it.each(Object.entries(nextSteps))('%s names a command that there is, its states and why', async (_, step) => {
    expect(step.states.length).toBeGreaterThan(0);
    expect(step.why).not.toBe('');
    const named = await suggestedCommands(step.command.replace(/\{\w+\}/g, 'VALUE'));
    expect(named.length).toBeGreaterThan(0);
    for (const { words } of named) expect(commands.map(({ name }) => name)).toContain(words[0]);
  });

  it.each(Object.entries(nextSteps).flatMap(([id, { states }]) => states.map((state) => [id, state] as const)))(
    '%s is for %s, which the program says',
    (id, state) => {
      // What `status` prints of a release elsewhere is a state, and no error.
      if (state === 'released-elsewhere') return expect(id).toBe('ask-elsewhere');
      const said = globSync('src/**/*.ts', { cwd: root }).filter(
        (name) => !name.endsWith('table.ts') && readFileSync(path.join(root, name), 'utf8').includes(`'${state}'`),
      );
      expect(said.length).toBeGreaterThan(0);
    },
  );
});
