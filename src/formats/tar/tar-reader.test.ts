import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, linkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTar, tarBlocks } from '../../testing/builders/files/tar-archive.ts';
import { sourceOf } from '../byte-source.ts';
import type { TarEntry, TarLimits } from './tar-entry.ts';
import { tarMembers } from './tar-members.ts';
import { TarReader } from './tar-reader.ts';

interface Read extends TarEntry {
  readonly content: string;
}

async function readAll(archive: Uint8Array, cutAt = archive.length, limits?: TarLimits): Promise<readonly Read[]> {
  const found: Read[] = [];
  const reader = new TarReader((entry) => {
    let content = '';
    return {
      write: (bytes) => void (content += Buffer.from(bytes).toString('latin1')),
      end: () => void found.push({ ...entry, content }),
    };
  }, limits);
  for (let at = 0; at < archive.length; at += cutAt) await reader.write(archive.subarray(at, at + cutAt));
  reader.finish();
  return found;
}

describe('archives that GNU tar wrote', () => {
  let folder: string;
  const long = `deep/${'d'.repeat(120)}/${'f'.repeat(140)}.so`;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-tar-'));
    mkdirSync(path.join(folder, path.dirname(long)), { recursive: true });
    writeFileSync(path.join(folder, 'short'), 'short content');
    writeFileSync(path.join(folder, long), 'x'.repeat(1000));
    symlinkSync(long, path.join(folder, 'link'));
    linkSync(path.join(folder, 'short'), path.join(folder, 'twin'));
    writeFileSync(path.join(folder, 'holes'), 'front');
    truncateSync(path.join(folder, 'holes'), 4 * 1024 * 1024);
    writeFileSync(path.join(folder, 'zz-after'), 'found after the sparse file');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const tar = (...options: readonly string[]): Buffer =>
    execFileSync('tar', [...options, '--sort=name', '-C', folder, '-cf', '-', '.'], { maxBuffer: 64 * 1024 * 1024 });

  it.each([
    ['gnu', ['--format=gnu']],
    ['pax', ['--format=posix']],
    ['gnu with sparse files', ['--format=gnu', '--sparse']],
    ['pax with sparse files 1.0', ['--format=posix', '--sparse', '--sparse-version=1.0']],
    ['pax with sparse files 0.1', ['--format=posix', '--sparse', '--sparse-version=0.1']],
  ])('reads long names, links and sparse files of %s', async (name, options) => {
    const found = await readAll(tar(...options), 777);
    const byPath = new Map(found.map((entry) => [entry.path.replace(/^\.\//, ''), entry]));
    expect(byPath.get('short')?.content).toBe('short content');
    expect(byPath.get(long)?.content).toBe('x'.repeat(1000));
    expect(byPath.get('link')).toMatchObject({ kind: 'symlink', linkTarget: long });
    expect(byPath.get('twin')).toMatchObject({ kind: 'hard-link', linkTarget: './short' });
    expect(byPath.get('zz-after')?.content).toBe('found after the sparse file');
    expect(byPath.get('holes')?.sparse).toBe(name.includes('sparse'));
  });

  it('lists the same members by jumping as by reading', async () => {
    const archive = tar('--format=gnu', '--sparse');
    const jumped = [];
    for await (const { offset, ...member } of tarMembers(sourceOf(archive))) {
      if (member.kind === 'file' && !member.sparse) {
        const content = archive.subarray(offset, offset + member.bytes).toString('latin1');
        jumped.push({ ...member, content });
      }
    }
    const read = await readAll(archive);
    expect(jumped).toEqual(read.filter((entry) => entry.kind === 'file' && !entry.sparse));
  });

  it('refuses any archive that is cut off inside an entry', async () => {
    const archive = makeTar([{ path: 'a', content: 'x'.repeat(700) }]);
    for (const length of [1, 511, 513, 1000, 1500]) {
      await expect(readAll(archive.subarray(0, length))).rejects.toMatchObject({ code: 'tar-damaged' });
    }
    expect(await readAll(archive.subarray(0, 512 + 1024))).toHaveLength(1);
  });
});

describe('headers', () => {
  const one = (fields: Parameters<typeof tarBlocks>[0]): Buffer =>
    Buffer.concat([tarBlocks(fields), Buffer.alloc(1024)]);

  it('reads sizes of 8 GiB and more in base 256', async () => {
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size.writeBigUInt64BE(2n ** 35n, 4);
    const open: TarEntry[] = [];
    const reader = new TarReader((entry) => {
      open.push(entry);
      return null;
    });
    await reader.write(tarBlocks({ path: 'big', sizeField: size }));
    expect(open[0]?.bytes).toBe(2 ** 35);
    expect(() => reader.finish()).toThrow(/middle of an entry/);
  });

  it.each([
    ['negative', Buffer.alloc(12, 0xff)],
    ['more than 53 bits', Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 0x7f)])],
    ['not octal', Buffer.from('99999999999\0')],
  ])('refuses a size that is %s', async (_what, sizeField) => {
    await expect(readAll(one({ path: 'x', sizeField }))).rejects.toMatchObject({ code: 'tar-damaged' });
  });

  it('refuses a header whose checksum does not hold', async () => {
    const archive = one({ path: 'x' });
    archive[0] = 0x79;
    await expect(readAll(archive)).rejects.toThrow(/checksum/);
  });

  it('refuses a long name of gigabytes before it takes memory for it', async () => {
    const sizeField = Buffer.from('20000000000\0');
    await expect(readAll(one({ path: '././@LongLink', type: 'L', sizeField }))).rejects.toMatchObject({
      code: 'tar-too-large',
    });
  });

  it('refuses more entries than its limit', async () => {
    const archive = makeTar(['a', 'b', 'c'].map((name) => ({ path: name, content: '' })));
    await expect(readAll(archive, 512, { entries: 2, metaBytes: 100 })).rejects.toThrow(/more than 2 entries/);
  });

  it.each(['5 x', '99 path=a\n', '0 a=b\n', '-1 a=b\n', '7 path a\n', 'x'])(
    'refuses the PAX record %j',
    async (record) => {
      const archive = Buffer.concat([makeTar([{ path: 'x', type: 'x', content: record }])]);
      await expect(readAll(archive)).rejects.toMatchObject({ code: 'tar-damaged' });
    },
  );

  it('ends with the same answer or an error of its own, whatever is done to an archive', async () => {
    const archive = makeTar([
      { path: 'p', type: 'x', content: '12 path=abcd\n' },
      { path: 'a', content: 'hello' },
      { path: 'b', type: '2', linkTarget: 'a' },
    ]);
    const change = fc.record({ at: fc.nat(archive.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 5 }),
        fc.integer({ min: 1, max: 1500 }),
        async (changes, cutAt) => {
          const changed = Buffer.from(archive);
          for (const { at, value } of changes) changed[at] = value;
          const outcome = (cut: number): Promise<unknown> =>
            readAll(changed, cut).catch((error: { code?: string }) => error.code ?? Promise.reject(error));
          expect(await outcome(cutAt)).toEqual(await outcome(changed.length));
        },
      ),
      { numRuns: 500 },
    );
  });
});
