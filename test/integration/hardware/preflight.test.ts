import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { makePageCache } from '../../../src/adapters/system/page-cache.ts';
import { makeNodeTrials } from '../../../src/adapters/trials/node-trials.ts';
import type { DeviceFacts } from '../../../src/core/pool/node-facts.ts';
import type { PreflightCheck } from '../../../src/core/pool/preflight/preflight.ts';
import { buildDevice } from '../../../src/testing/builders/pools/pool-builders.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-preflight-'));
const library = path.join(folder, 'libcuda.so.1');
const source = path.join(import.meta.dirname, 'cuda/fake-cuda.c');
const compiled = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source]).status === 0;

const link = { generation: 4, maxGeneration: 4, width: 16, maxWidth: 16 };
const devices: readonly DeviceFacts[] = [0, 1].map((index) => ({
  ...buildDevice(),
  index,
  uuid: `GPU-00000000-0000-0000-0000-00000000000${index}`,
  link: null,
  mig: null,
  reservedBytes: null,
}));
const trials = makeNodeTrials({ cudaLibrary: library, sys: '/sys', pageCache: makePageCache() });
const bounds = (timeoutMs = 120_000) => ({ timeoutMs, signal: new AbortController().signal });

afterEach(() => {
  delete process.env['FAKE_CUDA'];
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const tryAll = async (mode: string | null, known = devices, timeoutMs?: number): Promise<readonly PreflightCheck[]> => {
  if (mode !== null) process.env['FAKE_CUDA'] = mode;
  return trials.tryDevices(known, false, bounds(timeoutMs));
};
const notPassed = (checks: readonly PreflightCheck[]) =>
  checks
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ kind, of, verdict, reason }) => [kind, of, verdict, reason]);

describe.skipIf(!compiled)('devices by the CUDA driver (skipped without a C compiler)', () => {
  test('pass with what was copied, computed and sent between them', async () => {
    const checks = await tryAll(null);
    expect(notPassed(checks)).toEqual([]);
    const kernels = checks.filter(({ kind }) => kind === 'kernel').map(({ of }) => of);
    expect(kernels).toEqual(
      ['GPU 0', 'GPU 1'].flatMap((gpu) =>
        ['fp32', 'fp16', 'bf16', 'int8', 'fp8'].map((precision) => `${gpu} ${precision}`),
      ),
    );
    expect(checks.filter(({ kind }) => kind === 'peer').map(({ of }) => of)).toEqual([
      'GPU 0 to GPU 1',
      'GPU 1 to GPU 0',
    ]);
    for (const kind of ['pageable-to-device', 'host-to-device', 'device-to-host', 'peer'] as const) {
      for (const check of checks.filter((one) => one.kind === kind)) expect(check.bytesPerSecond).toBeGreaterThan(0);
    }
  });

  test.each([
    ['memory', 'device-memory', 'GPU 1', /OUT_OF_MEMORY \(2\)/],
    ['wrong-copy', 'device-memory', 'GPU 1', /other bytes came back than were sent, from byte \d+ on/],
    ['wrong-kernel', 'kernel', 'GPU 1 fp32', /thread 77 computed 28, and 27 is right/],
    ['wrong-peer', 'peer', 'GPU 0 to GPU 1', /other bytes came back/],
    ['crash', 'kernel', 'GPU 1 fp32', /the process ended by SIGABRT/],
  ] as const)('%s: the check that shows it fails, and the other board passes', async (mode, kind, of, reason) => {
    const bad = notPassed(await tryAll(mode));
    expect(bad).toContainEqual([kind, of, 'fail', expect.stringMatching(reason)]);
    expect(bad.filter(([, on]) => String(on).startsWith('GPU 0') && mode !== 'wrong-peer')).toEqual(
      // What GPU 0 sends to a board without memory does not arrive either.
      mode === 'memory' || mode === 'wrong-copy' ? [['peer', 'GPU 0 to GPU 1', 'fail', expect.any(String)]] : [],
    );
  });

  test('a driver that hangs takes the time of its own device alone', async () => {
    const bad = notPassed(await tryAll('hang', devices, 24_000));
    expect(bad).toEqual([['device-memory', 'GPU 1', 'fail', expect.stringMatching(/no answer within/)]]);
  });

  test('a fabric that is not ready fails every board, with the error of the driver', async () => {
    const bad = notPassed(await tryAll('fabric'));
    expect(bad).toEqual([
      ['device-memory', 'GPU 0', 'fail', 'cuInit answers CUDA_ERROR_SYSTEM_NOT_READY (802)'],
      ['device-memory', 'GPU 1', 'fail', 'cuInit answers CUDA_ERROR_SYSTEM_NOT_READY (802)'],
    ]);
  });

  test('a link that carries less than half of what it is made for fails, on the board that has it', async () => {
    const bad = notPassed(
      await tryAll(
        'slow',
        devices.map((device) => (device.index === 1 ? { ...device, link } : device)),
      ),
    );
    expect(bad.map(([kind, , verdict]) => [kind, verdict])).toEqual([
      ['host-to-device', 'fail'],
      ['device-to-host', 'fail'],
    ]);
    expect(
      bad.every(([, of, , reason]) => String(of).startsWith('GPU 1') && String(reason).includes('the link carries')),
    ).toBe(true);
  });

  test('a board that others use is not disturbed, and unknown', async () => {
    const bad = notPassed(await tryAll('busy'));
    expect(bad).toEqual([['device-memory', 'GPU 1', 'unknown', expect.stringMatching(/others use 48MiB/)]]);
  });

  test('what an old driver cannot do is unknown, and no fault', async () => {
    const bad = notPassed(await tryAll('old'));
    expect(bad.map(([kind, of, verdict]) => [kind, of, verdict])).toEqual([
      ['host-to-device', expect.stringMatching(/^GPU 1 from/), 'unknown'],
      ['kernel', 'GPU 1 fp8', 'unknown'],
    ]);
  });

  test('boards without peer access pass, and say how their copies go', async () => {
    const peers = (await tryAll('no-peer')).filter(({ kind }) => kind === 'peer');
    expect(peers.map(({ reason }) => reason)).toEqual(
      ['GPU 0', 'GPU 1'].map(() => 'no peer access: copies go through the memory of the host'),
    );
  });

  test('a board that the driver does not list is unknown', async () => {
    const hidden = [
      ...devices,
      { ...buildDevice(), index: 2, uuid: 'GPU-ffffffff-0000-0000-0000-000000000000', mig: null },
    ];
    expect(notPassed(await tryAll(null, hidden))).toEqual([
      ['device-memory', 'GPU 2', 'unknown', expect.stringMatching(/does not list it/)],
    ]);
  });
});

test('a machine with a device and without the library fails', async () => {
  const without = makeNodeTrials({
    cudaLibrary: path.join(folder, 'absent.so'),
    sys: '/sys',
    pageCache: makePageCache(),
  });
  const [check] = await without.tryDevices(devices.slice(0, 1), false, bounds());
  expect(check).toMatchObject({ kind: 'device-memory', of: 'GPU 0', verdict: 'fail' });
  expect(await without.tryDevices([], false, bounds())).toEqual([]);
});

test('memory of this machine carries something', async () => {
  const checks = await trials.tryMemory(bounds());
  expect(checks.length).toBeGreaterThan(0);
  for (const check of checks) expect(check).toMatchObject({ kind: 'memory', verdict: 'pass' });
});

test('memory that was not tried in time is unknown, and no fault', async () => {
  const checks = await trials.tryMemory(bounds(1));
  expect(checks).toEqual([expect.objectContaining({ kind: 'memory', verdict: 'unknown' })]);
});

test('a file is read from the disk and from memory; one that is not there fails; an empty one is unknown', async () => {
  const [full, empty] = [path.join(folder, 'weights.bin'), path.join(folder, 'empty.bin')];
  writeFileSync(full, Buffer.alloc(8 << 20, 7));
  writeFileSync(empty, '');
  spawnSync('sync', [full]);
  const checks = await trials.tryStorage(
    ['weights.bin', 'empty.bin', 'absent.bin'].map((shown) => ({ shown, location: path.join(folder, shown) })),
    bounds(),
  );
  const of = (name: string) => checks.filter((check) => check.of === name);
  expect(of('weights.bin').map(({ kind }) => kind)).toEqual(['storage-cold', 'storage-cached']);
  expect(of('weights.bin')[1]).toMatchObject({ verdict: 'pass' });
  expect(of('empty.bin').every(({ verdict }) => verdict === 'unknown')).toBe(true);
  expect(of('absent.bin').at(-1)).toMatchObject({ verdict: 'fail', reason: 'it cannot be read (ENOENT)' });
});
