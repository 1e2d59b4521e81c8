import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import { judgeFiles, hashFile } from './judge-files.ts';
import { parseRecord, readKernelLog } from './kernel-log.ts';
import { fingerprintOf, parseMaps } from './loaded-files.ts';

const maps = `55d0-55d1 r--p 00000000 08:01 11 /usr/bin/server
55d1-55d2 r-xp 00001000 08:01 11 /usr/bin/server
7f00-7f01 r-xp 00000000 08:01 22 /opt/lib with space/libengine.so
7f01-7f02 r--p 00000000 08:01 33 /models/a.onnx (deleted)
7f03-7f04 r-xp 00000000 08:01 44 /lib/libnss_files.so.2
7fff-8000 r-xp 00000000 00:00 0 [vdso]
`;

describe('what a process has loaded', () => {
  it('is read of its maps', () => {
    const mapped = parseMaps(maps);
    expect(mapped.map(({ path: name }) => name)).toContain('/opt/lib with space/libengine.so');
    expect(mapped.find(({ isDeleted }) => isDeleted)).toMatchObject({ path: '/models/a.onnx', isCode: false });
  });

  it('has one fingerprint whatever the addresses, and another for another library, kernel or driver', () => {
    const one = fingerprintOf(parseMaps(maps), ['6.1', 'no driver']);
    const moved = maps.replaceAll('7f00-7f01', '7e00-7e01').replace(/.*libnss.*\n/, '');
    expect(fingerprintOf(parseMaps(moved), ['6.1', 'no driver'])).toBe(one);
    expect(fingerprintOf(parseMaps(maps.replace('08:01 22', '08:01 23')), ['6.1', 'no driver'])).not.toBe(one);
    expect(fingerprintOf(parseMaps(maps), ['6.2', 'no driver'])).not.toBe(one);
    expect(fingerprintOf(parseMaps(''), ['6.1', 'no driver'])).toBeNull();
  });
});

describe('the files of a replica', () => {
  let folder: string;
  let file: ArtifactFile;
  const signal = new AbortController().signal;
  const started = { startedAtMs: 1_000_000, mapped: [] };
  const judge = (process: Parameters<typeof judgeFiles>[2] = started) =>
    judgeFiles(folder, [file], process, hashFile, signal);
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-inspect-'));
    const target = path.join(folder, 'a.onnx');
    writeFileSync(target, 'weights');
    utimesSync(target, 500, 500);
    file = { path: 'a.onnx', digest: (await hashFile(target, signal)) as ArtifactFile['digest'], bytes: 7 };
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('match where they are the pinned ones and older than the process', async () => {
    expect(await judge()).toBe('matches');
  });
  it('differ where one byte does', async () => {
    writeFileSync(path.join(folder, 'a.onnx'), 'weightz');
    expect(await judge()).toBe('differs');
  });
  it.each([
    ['written after the start', { startedAtMs: 499_999, mapped: [] }],
    [
      'replaced under the process',
      () => ({ ...started, mapped: [{ path: path.join(folder, 'a.onnx'), id: '', isCode: false, isDeleted: true }] }),
    ],
  ] as const)('are unknown where they were %s', async (_how, process) => {
    expect(await judge(typeof process === 'function' ? process() : process)).toBe('unknown');
  });
  it('are unknown where one is gone, is no file, or none is named', async () => {
    rmSync(path.join(folder, 'a.onnx'));
    expect(await judge()).toBe('unknown');
    mkdirSync(path.join(folder, 'a.onnx'));
    expect(await judge()).toBe('unknown');
    rmSync(path.join(folder, 'a.onnx'), { recursive: true });
    symlinkSync('/nowhere', path.join(folder, 'a.onnx'));
    expect(await judge()).toBe('unknown');
    expect(await judgeFiles(folder, [], started, hashFile, signal)).toBe('unknown');
  });
});

describe("the kernel's log", () => {
  it('has the time of each record', () => {
    expect(parseRecord('6,1234,5000000,-;NVRM: Xid\n SUBSYSTEM=pci\n', 1_000)).toEqual([
      { atMs: 6_000, line: 'NVRM: Xid' },
    ]);
    expect(parseRecord('not a record', 0)).toEqual([]);
  });
  it.each(['12,1234,5000000,-;', '14,1,1,-;', '30,1,1,c;', '46,99,5,-,caller=T4711;'])(
    'has nothing of what a program wrote there: %s',
    (head) => {
      expect(parseRecord(`${head}NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.`, 0)).toEqual([]);
    },
  );
  it('has what the kernel wrote, with or without who called', () => {
    const line = 'NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.';
    for (const head of ['3,1,2000,-;', '4,1,2000,-,caller=T1;', '0,1,2000,c;']) {
      expect(parseRecord(`${head}${line}\n SUBSYSTEM=pci\n`, 0)).toEqual([{ atMs: 2, line }]);
    }
  });
  it('is read to its end, or is not to be read', () => {
    const records = readKernelLog(Date.now());
    expect(records === null || records.every(({ atMs }) => atMs <= Date.now() + 60_000)).toBe(true);
  });
});
