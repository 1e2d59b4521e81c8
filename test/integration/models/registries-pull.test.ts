import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linearModel } from '../../../src/testing/builders/files/onnx-encoder.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { missingPrograms, RealRegistry } from '../../peers/oci-registry.ts';

if (missingPrograms.length > 0) console.warn(`skipped: ${missingPrograms.join(', ')} missing`);
const contract = `apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits, version: candidate }
monitoring: { golden: digits-golden }
environments: { staging: { platform: local }, prod: { platform: local } }
`;
interface Version {
  readonly version: number;
  readonly digest: string;
  readonly files: readonly unknown[];
  readonly profile?: string;
}
type Added = { readonly version: Version; readonly created: boolean };

/** The commands as a person runs them, on two machines that share nothing but Debian's docker-registry. */
describe.skipIf(missingPrograms.length > 0)('a registry between two machines', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-between-'));
  let oci: RealRegistry;
  const plimsoll = (machine: 'here' | 'there', environment: string, ...args: readonly string[]) =>
    new Promise<{ exit: number | null; out: string; err: string }>((resolve) => {
      const child = spawn(process.execPath, [ownProgram, ...args, '--environment', environment], {
        cwd: path.join(folder, machine),
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (piece) => (out += String(piece)));
      child.stderr.on('data', (piece) => (err += String(piece)));
      child.on('close', (exit) => resolve({ exit, out, err }));
    });
  const json = async <T>(machine: 'here' | 'there', environment: string, ...args: readonly string[]): Promise<T> => {
    const { exit, out, err } = await plimsoll(machine, environment, ...args, '--json');
    if (exit !== 0) throw new Error(`${args.join(' ')}: exit ${exit}: ${err}`);
    return JSON.parse(out) as T;
  };
  const [staging, prod] = ['staging', 'prod'];
  const at = (name: string) => `oci://${oci.host}/team/${name}`;

  beforeAll(async () => {
    for (const machine of ['here', 'there']) {
      mkdirSync(path.join(folder, machine));
      writeFileSync(path.join(folder, machine, 'plimsoll.yaml'), contract);
    }
    writeFileSync(path.join(folder, 'here', 'model.onnx'), linearModel());
    writeFileSync(path.join(folder, 'here', 'golden.jsonl'), '{"x": [1, 2, 3, 4]}\n{"x": [0, 0, 0, 1]}\n');
    oci = await RealRegistry.start(path.join(folder, 'oci'), { auth: false });
  }, 60_000);
  afterAll(async () => {
    await oci.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries data into another environment and another state folder, with the same digest', async () => {
    const { version } = await json<Added>('here', staging, 'data', 'add', 'golden.jsonl', '--name', 'digits-golden');
    await json('here', staging, 'data', 'push', 'digits-golden:1', `${at('golden')}:1`);
    for (const machine of ['here', 'there'] as const) {
      const pulled = await json<Added>(machine, prod, 'data', 'pull', `${at('golden')}:1`, '--name', 'digits-golden');
      expect([machine, pulled.created]).toEqual([machine, true]);
      expect(pulled.version).toMatchObject({ digest: version.digest, files: version.files, profile: version.profile });
    }
  }, 60_000);

  it('carries a model with evidence of a real lock, which the other machine reads', async () => {
    const add = ['model', 'add', 'model.onnx', '--name', 'digits', '--alias', 'candidate'];
    const { version } = await json<Added>('here', staging, ...add);
    expect(await plimsoll('here', staging, 'pin')).toMatchObject({ exit: 0 });
    expect(await plimsoll('here', staging, 'golden', 'record')).toMatchObject({ exit: 0 });
    const pushed = await json<{ digest: string; evidence: readonly string[] }>(
      'here',
      staging,
      'model',
      'push',
      'digits:candidate',
      `${at('digits')}:1`,
    );
    expect(pushed.evidence).toEqual(['golden']);
    const pulled = await json<Added>('there', prod, 'model', 'pull', `${at('digits')}:1`, '--name', 'digits');
    expect(pulled.version).toMatchObject({ version: 1, digest: version.digest, files: version.files });
    const read = await json<{ digest: string; evidence: readonly object[] }>(
      'there',
      prod,
      'model',
      'evidence',
      `${at('digits')}:1`,
    );
    expect(read.digest).toBe(pushed.digest);
    expect(read.evidence).toMatchObject([{ kind: 'golden', measurements: { cases: 2, reproducedCases: 2 } }]);
  }, 120_000);

  it('lets one of two processes move an alias at once, and tells the other', async () => {
    for (const width of [8, 16]) {
      writeFileSync(path.join(folder, 'here', 'model.onnx'), linearModel({ width }));
      await json('here', prod, 'model', 'add', 'model.onnx', '--name', 'raced');
    }
    const move = (version: string) =>
      plimsoll('here', prod, 'model', 'alias', 'raced', 'champion', version, '--reason', 'race');
    for (let round = 0; round < 3; round += 1) {
      await plimsoll('here', prod, 'model', 'alias', 'raced', 'champion', 'none', '--reason', 'again');
      const before = await history();
      const results = await Promise.all([move('1'), move('2')]);
      const moved = (await history()).length - before.length;
      // Two that did not meet both move it, one after the other; whoever lost moved nothing and says why.
      for (const { exit, err } of results)
        expect([exit, err]).toEqual(
          exit === 0 ? [0, ''] : [1, expect.stringMatching(/the alias champion of raced is at version \d/)],
        );
      expect(moved).toBe(results.filter(({ exit }) => exit === 0).length);
      expect(moved).toBeGreaterThan(0);
    }
  }, 120_000);
  const history = async (): Promise<readonly unknown[]> =>
    (await json<{ history: readonly unknown[] }>('here', prod, 'model', 'show', 'raced')).history;
});
