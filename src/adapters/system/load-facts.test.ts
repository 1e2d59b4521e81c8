import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { makeLoadFacts } from './load-facts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'load-facts-'));
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
  expect(await makeLoadFacts(folder).read(18)).toMatchObject({ residentBytes: null });
});
