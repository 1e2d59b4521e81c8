import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Operations } from '../../ports/records/operations.ts';
import { poolSnapshotText } from '../../schemas/pool/pool-snapshot.ts';
import { buildNode, buildPool } from '../../testing/builders/pools/pool-builders.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';

let folder: string;
let operations: Operations;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-environment-'));
  operations = (await openStoreOperations()).operationsFor('ada');
});
afterEach(() => rm(folder, { recursive: true }));

const environment = (...args: readonly string[]) =>
  runCommandLine(['environment', ...args], { cwd: folder, operations });
const write = (text: string) => writeFile(path.join(folder, 'environment.yaml'), text);
const set = (...args: readonly string[]) => environment('set', 'prod', '--file', 'environment.yaml', ...args);

const file = `prices:
  currency: EUR
  accelerators:
    default: "2.50/h"
  lateRequest: 0.002
policy:
  neverWaived:
    - evaluation
  allowedRegistries:
    - "oci://ghcr.io/acme"
  falseAlarmWeights:
    fraud: 3
  falseAlarms: "1 per 1d"
warmPool: 2
`;

it('shows what was set as a file that sets the same again', async () => {
  expect((await environment('show', 'prod')).out).toContain('prod has no record');
  expect((await environment('list')).out).toContain('no environment has a record');
  await write(file);
  expect(await set()).toMatchObject({ exit: 0, err: '' });
  const { out } = await environment('show', 'prod');
  expect(out).toMatch(/^# the record of prod, version 1 \(ada, /);
  expect(out.split('\n').slice(1).join('\n')).toBe(file);
  await write(out);
  expect((await set()).out).toContain('version 1');
  expect((await environment('list')).out).toMatch(/^prod +1 +prices, policy, warmPool +ada /m);
  const { out: json } = await environment('show', 'prod', '--json');
  expect(JSON.parse(json)).toMatchObject({ environment: 'prod', record: { version: 1, prices: { currency: 'EUR' } } });
});

it('takes the classes of a pool from its snapshot, beside the file', async () => {
  await mkdir(path.join(folder, 'pools'));
  await writeFile(path.join(folder, 'pools', 'eu.json'), poolSnapshotText(buildPool([buildNode('one')])));
  await write('pool: { name: eu, snapshot: pools/eu.json }\n');
  expect(await set()).toMatchObject({ exit: 0, err: '' });
  const [record] = await operations.environmentRecords();
  expect(record?.pool?.classes?.length).toBeGreaterThan(0);
  await write((await environment('show', 'prod')).out);
  expect((await set()).out).toContain('version 1');
  await write('pool: { name: eu, snapshot: pools/us.json }\n');
  expect(await set()).toMatchObject({ exit: 2, err: expect.stringContaining('pools/us.json, which pool.snapshot') });
});

it('says that a warm pool may not be kept where nobody knows the platform', async () => {
  await write('warmPool: 2\n');
  expect(await set()).toMatchObject({
    exit: 0,
    out: expect.stringContaining('warning: the record of prod asks for a warm pool of 2, and it is unknown whether'),
  });
  await write('platform: local\nwarmPool: 2\n');
  expect((await set()).out).not.toContain('warning');
});

it('takes keys back, and says which there are', async () => {
  await write(file);
  await set();
  expect((await environment('clear', 'prod', 'prices')).out).toContain('Took prices of prod back (version 2)');
  expect((await operations.environmentRecords())[0]).not.toHaveProperty('prices');
  expect(await environment('clear', 'prod', 'polcy')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('did you mean policy?'),
  });
  expect((await environment('clear', 'prod')).exit).toBe(0);
  expect(await environment('clear', 'prod')).toMatchObject({ err: expect.stringContaining('has no key') });
  expect((await environment('list')).out).toContain('(says nothing)');
});

it('sets only from the version that is meant', async () => {
  await write(file);
  expect((await set('--if-version', '0')).exit).toBe(0);
  expect(await set('--if-version', '7')).toMatchObject({ err: expect.stringContaining('version 7 was expected') });
  expect(await set('--if-version', 'one')).toMatchObject({ exit: 2, err: expect.stringContaining('is no version') });
});

it.each([
  ['prices: { currency: eur, accelerators: { default: 1/h } }\n', 'environment.yaml:1:21: `prices.currency`'],
  ['polici: {}\n', 'did you mean `policy`?'],
  ['warmPool: 1.5\n', 'a whole number of spares from 0 to 100, such as `2`'],
  ['warmPool: -1\n', 'environment.yaml:1:11: `warmPool`'],
  ['platform: kubernetes\nwarmPool: 1\n', 'on Kubernetes no spare is kept; leave `warmPool` out'],
])('names the key, the file and the line of %j', async (text, says) => {
  await write(text);
  expect(await set()).toMatchObject({ exit: 2, err: expect.stringContaining(says) });
  expect(await operations.environmentRecords()).toEqual([]);
});
