import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCoresOfNodes } from './read-numa.ts';

let sys: string;
beforeEach(() => {
  sys = mkdtempSync(path.join(tmpdir(), 'plimsoll-numa-'));
  for (const [node, list] of [
    [0, '0-15,32-47\n'],
    [1, '16-31,48-63\n'],
  ] as const) {
    const folder = path.join(sys, `devices/system/node/node${node}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'cpulist'), list);
  }
});
afterEach(() => {
  rmSync(sys, { recursive: true, force: true });
});

it('reads the cores of NUMA nodes as the kernel writes them', async () => {
  expect(await readCoresOfNodes({ sys }, [1])).toBe('16-31,48-63');
  expect(await readCoresOfNodes({ sys }, [0, 1])).toBe('0-15,32-47,16-31,48-63');
});

it('tells none where a node is not told, or none is asked for', async () => {
  expect(await readCoresOfNodes({ sys }, [0, 7])).toBe('');
  expect(await readCoresOfNodes({ sys: path.join(sys, 'away') }, [0])).toBe('');
  expect(await readCoresOfNodes({ sys }, [])).toBe('');
});
