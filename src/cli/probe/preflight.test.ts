import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { PreflightCheck } from '../../core/pool/preflight/preflight.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { readNodeFacts } from '../../schemas/pool/node-facts.ts';
import { buildDevice, buildNode } from '../../testing/builders/pools/hardware-builders.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

const cwd = mkdtempSync(path.join(tmpdir(), 'plimsoll-preflight-'));
mkdirSync(path.join(cwd, 'models', '1'), { recursive: true });
writeFileSync(path.join(cwd, 'models', '1', 'model.onnx'), 'weights');
writeFileSync(path.join(cwd, 'other.bin'), 'weights');
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true });
});

const rate: PreflightCheck = {
  kind: 'memory',
  of: 'NUMA node 0',
  verdict: 'pass',
  reason: null,
  bytesPerSecond: 2 ** 30,
};
const copy: PreflightCheck = { ...rate, kind: 'host-to-device', of: 'GPU 0', ceilingBytesPerSecond: 2 ** 31 };
const failed: PreflightCheck = { kind: 'peer', of: 'GPU 0 to GPU 1', verdict: 'fail', reason: 'other bytes arrived' };

function run(args: readonly string[], tried: readonly PreflightCheck[] = [], facts: NodeFacts = buildNode('here', [])) {
  const kept: unknown[] = [];
  const asked: { files: readonly string[]; onBusy: boolean | null } = { files: [], onBusy: null };
  const result = runCommandLine(['probe', ...args], {
    cwd,
    nodeProbe: { probe: () => Promise.resolve({ facts, withPrivilege: [] }) },
    nodeTrials: {
      tryMemory: () => Promise.resolve([rate]),
      tryStorage: (files) => {
        asked.files = files.map(({ shown }) => shown);
        return Promise.resolve([]);
      },
      tryDevices: (_devices, onBusy) => {
        asked.onBusy = onBusy;
        return Promise.resolve(tried);
      },
    },
    preflightRecord: {
      file: '/var/lib/plimsoll/preflight.json',
      keep: (preflight) => {
        kept.push(preflight);
        return Promise.resolve();
      },
      read: () => Promise.resolve(null),
    },
  });
  return result.then((ended) => ({ ...ended, kept, asked }));
}

describe('probe --active', () => {
  test('shows what each carried, of the link, and keeps it', async () => {
    const { exit, out, kept } = await run(['--active'], [copy]);
    expect(exit).toBe(0);
    expect(out).toMatch(/memory\s+NUMA node 0\s+pass\s+1GiB\/s/);
    expect(out).toMatch(/to device\s+GPU 0\s+pass\s+1GiB\/s\s+50%/);
    expect(out).toContain('kept in /var/lib/plimsoll/preflight.json');
    expect(kept).toHaveLength(1);
  });

  test('fails with the check that failed, and is unknown with one that is', async () => {
    const bad = await run(['--active', '--no-record'], [failed]);
    expect(bad.exit).toBe(1);
    expect(bad.out).toContain('fail: peer, GPU 0 to GPU 1: other bytes arrived');
    expect(bad.kept).toEqual([]);
    expect((await run(['--active'], [{ ...failed, verdict: 'unknown' }])).exit).toBe(3);
  });

  test('gives facts that a pool snapshot reads back', async () => {
    const { out } = await run(['--active', '--json'], [copy]);
    const facts = readNodeFacts(Buffer.from(out), 'here.json');
    expect(facts.preflight?.checks).toEqual([rate, copy]);
  });

  test('is not whole where accelerators are not known, and fails where the fabric does', async () => {
    const unknown = buildNode('here', [], { devices: null, unknown: { devices: 'the driver cannot be asked' } });
    expect((await run(['--active'], [], unknown)).exit).toBe(3);
    const broken = buildNode('here', [buildDevice({ state: { fabric: 'in-progress' } })]);
    const { exit, out } = await run(['--active'], [], broken);
    expect(exit).toBe(1);
    expect(out).toContain('its registration with the fabric is in-progress');
  });

  test('reads the files that are named, and those below folders', async () => {
    const { asked } = await run(['--active', '--busy', '--files', 'models', 'other.bin']);
    expect(asked.files).toEqual(['models/1/model.onnx', 'other.bin']);
    expect(asked.onBusy).toBe(true);
  });

  test.each([
    [['--files', 'other.bin'], /--files says how --active measures/],
    [['--timeout', '10s'], /--timeout says how/],
    [['--active', '--from', 'x.xml'], /--active measures this machine/],
    [['--active', '--timeout', '5'], /expected a duration from 1s to 10m/],
    [['--active', '--timeout', '1h'], /expected a duration from 1s to 10m/],
    [['--active', '--files', 'absent'], /--files absent: it cannot be read \(ENOENT\)/],
  ] as const)('%j is refused', async (args, message) => {
    const { exit, err } = await run(args);
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });
});
