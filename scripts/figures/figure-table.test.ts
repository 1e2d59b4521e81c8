import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { figures } from './figure-table.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

describe('the table of figures', () => {
  it('names each figure once', () => {
    expect(new Set(figures.map(({ id }) => id)).size).toBe(figures.length);
  });

  it('measures all figures of one measurement by the same command', () => {
    const commands = new Map<string, string>();
    for (const { bench, command } of figures) {
      if (bench === null) continue;
      expect(commands.get(bench.name) ?? command).toBe(command);
      commands.set(bench.name, command);
    }
  });

  it('names sources that are there: a figure of none would never be stale', () => {
    const sources = [...new Set(figures.flatMap((figure) => figure.sources))];
    const missing = sources.filter(
      (source) => execFileSync('git', ['ls-files', '--', source], { cwd: root, encoding: 'utf8' }) === '',
    );
    expect(missing).toEqual([]);
  });
});
