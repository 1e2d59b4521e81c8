import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { loadContract } from '../../testing/builders/contract-texts.ts';

let folder: string;
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'plimsoll-init-')), 'My Digits_2');
  await mkdir(folder);
});
afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

const written = () => readFile(path.join(folder, 'plimsoll.yaml'), 'utf8');
const contract = async () => loadContract(await written()).contract;
const init = (...args: string[]) => runCommandLine(['init', ...args], { cwd: folder });

describe('plimsoll init', () => {
  it('writes a contract that is right from what the folder shows', async () => {
    await writeFile(path.join(folder, 'Digits Net.onnx'), '');
    const { exit, out } = await init();
    expect(exit).toBe(0);
    expect(await contract()).toMatchObject({
      service: 'my-digits-2',
      code: { command: ['plimsoll', 'serve-model'] },
      model: { name: 'digits-net', version: 'candidate' },
      monitoring: { golden: 'my-digits-2-golden' },
    });
    expect(await written()).toMatch(/^# The contract of one inference service\./);
    expect(out).toContain('next: plimsoll model add Digits Net.onnx --name digits-net');
  });

  it('takes an image where there is a Dockerfile and no model', async () => {
    await writeFile(path.join(folder, 'Dockerfile'), 'FROM scratch');
    await init();
    expect((await contract()).code.image).toBe('my-digits-2:latest');
    expect((await contract()).environments).toEqual({ default: { platform: 'kubernetes', selector: {} } });
  });

  it('lets flags decide', async () => {
    await init('--service', 'a', '--model', 'b', '--owner', 'Team "X": 1', '--image', 'r/x:1', '--no-golden');
    expect(await contract()).toMatchObject({
      service: 'a',
      owner: 'Team "X": 1',
      code: { image: 'r/x:1' },
      model: { name: 'b' },
    });
    expect((await contract()).monitoring).toBeUndefined();
  });

  it('asks on a terminal, offering what it found', async () => {
    const { exit, asked } = await runCommandLine(['init'], {
      cwd: folder,
      answers: ['digits', 'vision', '', 'pinned'],
    });
    expect(exit).toBe(0);
    expect(asked).toHaveLength(4);
    expect(await contract()).toMatchObject({
      service: 'digits',
      owner: 'vision',
      model: { name: 'digits' },
      monitoring: { golden: 'pinned' },
    });
    const silent = await runCommandLine(['init', '--yes', '--force'], { cwd: folder, answers: [] });
    expect([silent.exit, silent.asked]).toEqual([0, []]);
  });

  it('overwrites nothing without --force', async () => {
    await init('--service', 'first');
    const { exit, err } = await init('--service', 'second');
    expect(exit).toBe(2);
    expect(err).toContain('--force');
    expect((await contract()).service).toBe('first');
    expect(await init('--service', 'second', '--force')).toMatchObject({ exit: 0 });
    expect((await contract()).service).toBe('second');
  });

  it('writes nothing that would be wrong', async () => {
    const { exit, err } = await init('--service', 'Not A Label');
    expect(exit).toBe(2);
    expect(err).toContain('`service` has the wrong form');
    await expect(written()).rejects.toThrow();
  });

  it('says so when the folder is not there', async () => {
    expect(await init('--contract', 'nowhere/plimsoll.yaml')).toMatchObject({ exit: 2 });
  });
});
