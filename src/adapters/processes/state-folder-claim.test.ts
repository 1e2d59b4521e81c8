import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeDurably } from '../files/write-durably.ts';
import { claimStateFolder, readClaim, type Claim, type Claiming } from './state-folder-claim.ts';

const claimOf = (identity: string): Claim => ({
  pid: 1,
  identity,
  pageUrl: 'http://127.0.0.1:7070',
  gatewayUrl: 'http://127.0.0.1:8080',
  startedAtMs: 0,
});
const claimBy = (
  folder: string,
  identity: string,
  isDead: (identity: string) => Promise<boolean> = nobodyIsDead,
): Promise<Claiming> => claimStateFolder(folder, claimOf(identity), isDead, writeDurably);
const nobodyIsDead = (): Promise<boolean> => Promise.resolve(false);

describe('the claim to a state folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-claim-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('goes to the first, and the second learns who has it', async () => {
    const first = await claimBy(folder, 'a');
    expect(await claimBy(folder, 'b')).toEqual({ kind: 'held', by: claimOf('a') });
    if (first.kind === 'claimed') await first.giveUp();
    expect(await readClaim(folder)).toBeNull();
    expect((await claimBy(folder, 'b')).kind).toBe('claimed');
  });

  it('goes to exactly one of many at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `up-${index}`);
    const answers = await Promise.all(names.map((name) => claimBy(folder, name)));
    const winners = names.filter((_, index) => answers[index]?.kind === 'claimed');
    expect(winners).toHaveLength(1);
    expect((await readClaim(folder))?.identity).toBe(winners[0]);
  });

  it('is free again when its holder was killed', async () => {
    const claiming = path.join(import.meta.dirname, 'state-folder-claim.ts');
    const writing = path.join(import.meta.dirname, '../files/write-durably.ts');
    const program = `
      const { claimStateFolder } = await import(${JSON.stringify(claiming)});
      const { writeDurably } = await import(${JSON.stringify(writing)});
      const claim = ${JSON.stringify(claimOf('killed'))};
      console.log((await claimStateFolder(${JSON.stringify(folder)}, claim, async () => false, writeDurably)).kind);
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(String((await once(holder.stdout, 'data'))[0]).trim()).toBe('claimed');
    expect(await claimBy(folder, 'b')).toEqual({ kind: 'held', by: claimOf('killed') });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect((await claimBy(folder, 'b')).kind).toBe('claimed');
    expect(await readClaim(folder)).toEqual(claimOf('b'));
  });

  it('does not name a dead holder when the present one has not said who it is', async () => {
    await claimBy(folder, 'stale');
    const second = await claimBy(folder, 'b', (identity) => Promise.resolve(identity === 'stale'));
    expect(second).toEqual({ kind: 'held', by: null });
  });
});
