import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FeatureView } from '../../core/evidence/features/feature-view.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { skewViewOf } from './skew-view.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-skew-'));
});
afterEach(() => rm(folder, { recursive: true }));

const rest = digest('rest');
const stats: FeatureView = {
  ...{ kind: 'batch', entities: { user: 'INT64' }, features: { rate: 'FLOAT' }, sources: {}, ttlSeconds: 86_400, rest },
};
const perKm: FeatureView = {
  ...{ kind: 'on-demand', entities: {}, features: { km: 'DOUBLE' }, ttlSeconds: 0, rest },
  sources: { 'view stats': rest, request: rest },
};
const service: FeatureView = {
  ...{ kind: 'service', entities: {}, sources: {}, ttlSeconds: 0, rest },
  features: { 'stats:rate': 'FLOAT', 'per_km:km': 'DOUBLE' },
};
const featureViews = { 'rides/stats': stats, 'rides/per_km': perKm, 'rides/service/all': service };
const project = makeMemoryProject({
  contract: minimalContract,
  lock: buildLock({ default: buildLockedEnvironment({ featureViews }) }),
});

const write = (name: string, rows: readonly object[]) =>
  writeFile(path.join(folder, name), rows.map((row) => JSON.stringify(row)).join('\n'));
const skew = (...args: readonly string[]) => runCommandLine(['drift', 'skew', ...args], { cwd: folder, project });
const users = Array.from({ length: 400 }, (_, user) => user);

/** Each user's rate is the hour of the day, at 8, 12 and 16 o'clock of one day. */
const history = users.flatMap((user) =>
  [8, 12, 16].map((hour) => ({ user, at: `2026-11-27 ${String(hour).padStart(2, '0')}:00:00`, rate: hour, label: 1 })),
);

describe('plimsoll drift skew --time', () => {
  it('compares what was served with what was valid then, and nothing later', async () => {
    await write('offline.jsonl', history);
    const served = (rate: number, minute: string) =>
      users.map((user) => ({ user, at: `2026-11-27T13:${minute}Z`, rate }));
    const args = ['offline.jsonl', 'online.jsonl', '--key', 'user', '--time', 'at', '--features', 'rate'];
    await write('online.jsonl', served(12, '00:00'));
    const { exit, out } = await skew(...args);
    expect([exit, out]).toEqual([0, expect.stringContaining('400 entities on both sides')]);
    expect(out).toContain('at the times in at');
    // The value of 16 o'clock is not known at 13 o'clock, however it came into the answers.
    await write('online.jsonl', served(16, '00:00'));
    const leaked = await skew(...args);
    expect(leaked.exit).toBe(1);
    expect(leaked.out).toContain('0 at 2026-11-27T13:00:00.000Z: 12 offline, 16 online');
    // 400 users at three times each are 400 entities, and not 1,200.
    await write(
      'online.jsonl',
      ['00:00', '10:00', '20:00'].flatMap((minute) => served(12, minute)),
    );
    expect((await skew(...args)).out).toContain('pass: 400 entities');
  });

  it('takes a value that is too old as missing, and online values of one time', async () => {
    await write('offline.jsonl', history);
    await write(
      'online.jsonl',
      users.map((user) => ({ user, rate: 16 })),
    );
    const args = ['offline.jsonl', 'online.jsonl', '--key', 'user', '--time', 'at', '--features', 'rate'];
    const asOf = (time: string, ...more: readonly string[]) => skew(...args, '--as-of', time, ...more);
    expect((await asOf('2026-11-28T10:00:00Z')).exit).toBe(0);
    const { exit, out } = await asOf('2026-11-28T10:00:00Z', '--max-age', '12h');
    expect([exit, out]).toEqual([1, expect.stringContaining('400 missing offline')]);
    expect((await skew(...args)).err).toContain('--as-of TIME');
    const json = JSON.parse((await asOf('2026-11-27T17:00:00Z', '--max-age', '12h', '--json')).out) as object;
    expect(json).toMatchObject({ verdict: 'pass', maxAgeMs: 43_200_000, asOfMs: Date.UTC(2026, 10, 27, 17) });
  });

  it('takes key, features and age from a feature view of the lock, also under their full names', async () => {
    await write('offline.jsonl', history);
    await write(
      'online.jsonl',
      users.map((user) => ({ user, at: '2026-11-27T13:00:00Z', stats__rate: 12, more: 1 })),
    );
    const { exit, out } = await skew('offline.jsonl', 'online.jsonl', '--view', 'stats', '--time', 'at');
    expect([exit, out]).toEqual([0, expect.stringContaining('offline values of at most 1d')]);
    const service = skewViewOf(featureViews, 'all');
    expect([service.key, service.maxAgeMs]).toEqual([['user'], 86_400_000]);
    expect([...service.features]).toEqual([
      ...[
        ['rate', 'rate'],
        ['stats__rate', 'rate'],
        ['km', 'km'],
        ['per_km__km', 'km'],
      ],
    ]);
    expect(skewViewOf(featureViews, 'per_km').key).toEqual(['user']);
    const circular = { 'rides/a': { ...perKm, sources: { 'view a': rest } } };
    expect(skewViewOf(circular, 'a').key).toEqual([]);
  });

  it.each([
    [['--view', 'stat'], 'pins no feature view or feature service stat; it pins feature view stats, '],
    [['--view', 'stats', '--time', 'at', '--features', 'gone'], 'neither file has a column of the feature gone'],
    [['--key', 'user', '--time', 'day'], 'offline.jsonl:1: there is no time in column day; the row has user, at, rate'],
    [['--key', 'user', '--time', 'rate,label'], 'offline.jsonl: entity 1 is there twice at 1970-01-01T00:00:03.000Z'],
    [['--key', 'user', '--time', 'word'], '"soon" in column word is no time'],
    [['--key', 'user', '--time', 'a,b,c'], '--time names one column, or one of each file'],
    [['--key', 'user', '--time', 'at', '--as-of', 'now'], '--as-of is a time such as'],
    [['--key', 'user', '--time', 'at', '--max-age', '2'], '--max-age is a duration such as 2d'],
    [['--key', 'user', '--max-age', '2d'], '--as-of and --max-age need --time'],
    [['--key', 'user', '--features', ','], '--features names a column'],
    [['--time', 'at'], '--key names a column'],
  ])('refuses %j', async (args, says) => {
    const row = { user: 1, at: '2026-11-27', rate: 3, label: 1, word: 'soon' };
    await write('offline.jsonl', [row, { ...row, at: '2026-11-28' }]);
    await write('online.jsonl', [row]);
    const { exit, err } = await skew('offline.jsonl', 'online.jsonl', ...args);
    expect([exit, err]).toEqual([2, expect.stringContaining(says)]);
  });
});
