import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildDevice } from '../../testing/builders/pools/hardware-builders.ts';
import { findPreflightFile, makePreflightRecord } from './preflight-record.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-preflight-record-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const boot = (id: string): string => {
  const proc = path.join(folder, 'proc');
  mkdirSync(path.join(proc, 'sys/kernel/random'), { recursive: true });
  writeFileSync(path.join(proc, 'sys/kernel/random/boot_id'), `${id}\n`);
  return proc;
};
const file = path.join(folder, 'preflight.json');
const record = makePreflightRecord({
  file,
  proc: boot('first'),
  writeDurably: (location, content) => {
    writeFileSync(location, content);
    return Promise.resolve();
  },
});
const devices = [buildDevice()];
const preflight = {
  takenAtMs: 1,
  tookMs: 2,
  checks: [{ kind: 'memory', of: 'this machine', verdict: 'pass', reason: null, bytesPerSecond: 3 }],
} as const;

describe('the record of a preflight', () => {
  it('is none before the first, and then what was kept', async () => {
    expect(await record.read(devices)).toBeNull();
    await record.keep(preflight, devices);
    expect(await record.read(devices)).toEqual({ preflight });
  });

  it('does not hold after a boot, with other devices, or with another driver', async () => {
    await record.keep(preflight, devices);
    expect(await record.read([buildDevice({ driver: '999.1' })])).toEqual({
      reason: expect.stringMatching(/another driver/),
    });
    expect(await record.read([])).toEqual({ reason: expect.stringMatching(/other devices/) });
    boot('second');
    expect(await record.read(devices)).toEqual({ reason: expect.stringMatching(/started again/) });
    boot('first');
    expect(await record.read(devices)).toEqual({ preflight });
  });

  it.each(['', '{', '[]', '{"format":"plimsoll.dev/preflight/v9"}', 'x'.repeat(5_000_000)])(
    'is unreadable where it was changed (%#)',
    async (content) => {
      writeFileSync(file, content);
      expect(await record.read(devices)).toEqual({ reason: expect.stringMatching(/is no preflight/) });
    },
  );
});

it('is kept where the environment says, else for the machine or the user', () => {
  expect(findPreflightFile({ PLIMSOLL_PREFLIGHT: '/run/p.json' }, true, '/root')).toBe('/run/p.json');
  expect(findPreflightFile({}, true, '/root')).toBe('/var/lib/plimsoll/preflight.json');
  expect(findPreflightFile({}, false, '/home/a')).toBe('/home/a/.local/state/plimsoll/preflight.json');
  expect(findPreflightFile({ XDG_STATE_HOME: '/s' }, false, '/home/a')).toBe('/s/plimsoll/preflight.json');
});
