import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goldenFile } from '../../core/rollout/names.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { buildEvidence, buildLock, buildLockedEnvironment } from '../../testing/builders/evidence-builders.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';

const recorded = digestOfBytes(Buffer.from('recorded'));
const found = digestOfBytes(Buffer.from('edited'));
const locked = buildLockedEnvironment();
const model = locked.model!.digest;
const file = goldenFile('digits-golden', model);
const evidence = {
  golden: { ...buildEvidence('golden', {}, { measurements: { goldenBlob: recorded } }), subjects: { model } },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-golden-'));
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

async function run(content: string, ...args: string[]) {
  await writeFile(path.join(folder, file), content);
  const project = { ...makeMemoryProject({ contract: minimalContract }), folder };
  const code = { digest: (await project.codeDigest('default'))!, files: {} };
  await project.changeLock(() => buildLock({ default: { ...locked, code, evidence } }));
  return runCommandLine(args, { project, cwd: folder, store: memoryStore(), blobs: memoryBlobs() });
}

it.each(['check', 'golden show', 'release', 'evaluate'])(
  '%s names an edited golden file, both digests and what to do',
  async (line) => {
    const { exit, out, err } = await run('edited', ...line.split(' '));
    expect(exit).not.toBe(0);
    for (const said of [file, recorded, found, `git checkout ${file}`, 'plimsoll golden record']) {
      expect(out + err).toContain(said);
    }
  },
);

it('says nothing of a golden file as it was recorded', async () => {
  const { out, err } = await run('recorded', 'check');
  expect(out + err).not.toContain('is not what was recorded');
});

describe('golden record', () => {
  let release: ReleaseWorld;
  beforeEach(async () => {
    release = await ReleaseWorld.open();
    await release.run('pin');
  });
  afterEach(() => release.close());

  it('names an edited golden file before it records it anew, and no other', async () => {
    const first = await release.run('golden', 'record', '--json');
    expect(release.notes[0]).toMatch(/^starting model/);
    const golden = path.join(release.folder, (JSON.parse(first.out) as { readonly file: string }).file);
    await writeFile(golden, (await readFile(golden, 'utf8')).replace('"cases"', ' "cases"'));
    release.notes.splice(0);
    const again = await release.run('golden', 'record', '--json');
    expect(release.notes[0]).toMatch(/^golden\/.* is not what was recorded: .*; it is recorded anew, and git diff/);
    expect(JSON.parse(again.out)).toMatchObject({ cases: expect.any(Number) as number });
    release.notes.splice(0);
    await release.run('golden', 'record');
    expect(release.notes[0]).toMatch(/^starting model/);
  });

  it('starts nothing where check refuses golden outputs of the protocol', async () => {
    const file = path.join(release.folder, 'plimsoll.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('files: [server', 'protocol: openai, files: [server'));
    await release.run('pin');
    for (const line of [['check'], ['golden', 'record']]) {
      const { exit, out, err } = await release.run(...line);
      expect(exit).toBe(2);
      expect(out + err).toMatch(
        /plimsoll\.yaml:\d+:\d+: `monitoring\.golden` records tensors, and `code\.protocol: openai`/,
      );
    }
    expect(release.machine.replicas()).toEqual([]);
    expect(release.notes).toEqual([]);
  });
});
