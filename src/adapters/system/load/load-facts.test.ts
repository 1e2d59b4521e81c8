import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeLoadFacts } from './load-facts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'load-facts-'));
beforeEach(() => void mkdirSync(folder, { recursive: true }));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('reads memory, clocks and waiting, and null for what is not there', async () => {
  for (const name of ['17', 'pressure']) mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, '17/status'), 'Name:\tserver\nVmRSS:\t    2048 kB\n');
  writeFileSync(path.join(folder, 'cpuinfo'), 'cpu MHz\t\t: 2000.000\nflags\t: x\ncpu MHz\t\t: 3000.000\n');
  writeFileSync(
    path.join(folder, 'pressure/cpu'),
    'some avg10=1.00 avg60=0.50 avg300=0.10 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n',
  );
  expect(await makeLoadFacts(folder).read(17)).toMatchObject({
    residentBytes: 2 * 1_048_576,
    clockMhz: 2_500,
    waitedMs: { cpu: 2_500, memory: null, io: null },
  });
  expect(await makeLoadFacts(folder).read(18)).toMatchObject({ residentBytes: null, processor: null });
});

it('reads the processor time of the machine, and of two processes with all that they started', async () => {
  const statOf = (pid: number, parent: number, ticks: string) => {
    mkdirSync(path.join(folder, String(pid)), { recursive: true });
    writeFileSync(
      path.join(folder, `${pid}/stat`),
      `${pid} (a (b) c) S ${parent} 1 1 0 -1 0 0 0 0 0 ${ticks} 20 0 1 0 9\n`,
    );
  };
  statOf(1, 0, '900 900 900 900');
  statOf(17, 1, '100 20 0 0');
  statOf(18, 17, '30 5 2 1');
  statOf(40, 1, '7 3 0 0');
  statOf(41, 1, '500 500 0 0');
  // User, nice, system, idle, waiting for disks, interrupts twice, stolen.
  writeFileSync(
    path.join(folder, 'stat'),
    'cpu  1000 50 300 4000 200 77 88 20 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\nintr 5\n',
  );
  const facts = makeLoadFacts(folder, 40);
  expect((await facts.read(17)).processor).toEqual({ busyMs: 13_700, totalMs: 55_700, ownMs: 1_680 });
  expect((await facts.read(null)).processor).toBeNull();
});
