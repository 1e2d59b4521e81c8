import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLogAnchors, formatAnchor, formatLogAnchor } from '../../core/records/audit/anchor-lines.ts';
import type { ChainAnchor } from '../../core/records/audit/verify-chain.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { OpenAnchors } from '../../ports/records/anchors.ts';
import { readAnchorPlace, readAnchorsAt } from './anchor-places.ts';

const anchor: ChainAnchor = { seq: 5, hash: digestOf('head'), atMs: Date.UTC(2026, 10, 29, 7) };
const { signal } = new AbortController();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-anchors-'));
});
afterEach(() => rm(folder, { recursive: true }));

const opened: string[] = [];
const kept: ChainAnchor[] = [];
const place = { append: async (of: ChainAnchor) => void kept.push(of), close: async () => undefined };
const ports: OpenAnchors = {
  syslog: async (socket) => {
    opened.push(`syslog ${socket}`);
    return place;
  },
  oci: async (repository) => {
    opened.push(`oci ${repository}`);
    return { ...place, read: async () => ({ anchors: kept, count: kept.length }) };
  },
};
beforeEach(() => {
  opened.length = 0;
  kept.length = 0;
});

describe('a place', () => {
  it.each([
    ['syslog:', 'syslog /dev/log', 60_000],
    ['syslog:/run/log', 'syslog /run/log', 60_000],
    ['oci://registry.example:5000/audit/plimsoll', 'oci registry.example:5000/audit/plimsoll', 3_600_000],
  ])('%s is %s', async (written, port, everyMs) => {
    const named = readAnchorPlace(written, folder);
    await (await named.open(ports)).append(anchor, signal);
    expect([opened, named.everyMs, kept]).toEqual([[port], everyMs, [anchor]]);
  });

  it.each(['oci://registry.example', 'oci://registry.example/audit:1', 'oci://'])(
    '%s names no repository',
    async (written) => {
      await expect((async () => readAnchorPlace(written, folder).open(ports))()).rejects.toMatchObject({
        code: 'anchor-invalid',
      });
    },
  );

  it('is a file where it has no other form', async () => {
    await (await readAnchorPlace('anchors', folder).open(ports)).append(anchor, signal);
    expect(await readAnchorsAt('anchors', folder, ports, signal)).toEqual({ anchors: [anchor], note: null });
  });
});

describe('anchors in a log', () => {
  it('are a message of RFC 5424', () => {
    expect(formatLogAnchor(anchor, { host: 'node 1', pid: 4711 })).toBe(
      `<109>1 2026-11-29T07:00:00.000Z node1 plimsoll 4711 anchor - plimsoll-anchor 5 ${anchor.hash} 2026-11-29T07:00:00.000Z`,
    );
  });

  it.each([
    ['as it was sent', formatLogAnchor(anchor, { host: 'node-1', pid: 1 })],
    ['as rsyslog keeps it', `Nov 29 07:00:00 node-1 plimsoll[1] plimsoll-anchor ${formatAnchor(anchor)}`],
    ['as JSON of a journal', JSON.stringify({ MESSAGE: `plimsoll-anchor ${formatAnchor(anchor)}` })],
  ])('are found among other lines: %s', async (_what, line) => {
    await writeFile(path.join(folder, 'log'), `another program\n${line}\nplimsoll-anchor of nothing\n`);
    expect(await readAnchorsAt('syslog:log', folder, ports, signal)).toEqual({ anchors: [anchor], note: null });
  });

  it('have to be there: who can remove one could remove all', async () => {
    await writeFile(path.join(folder, 'log'), 'another program\n');
    for (const written of ['syslog:log', 'syslog:none', 'oci://r.example/audit'])
      await expect(readAnchorsAt(written, folder, ports, signal)).rejects.toMatchObject({ code: 'anchor-missing' });
  });

  it('are none where a digit is missing', () => {
    expect(findLogAnchors(`plimsoll-anchor 5 ${anchor.hash.slice(0, -1)} 2026-11-29T07:00:00.000Z`)).toEqual([]);
  });
});
