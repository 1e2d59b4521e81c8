/** The container image of `npm run image`: assembled twice, in a real registry, and read by `inspect` and `verify`. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assembleImage } from '../../../scripts/image/assemble-image.ts';
import { fetchDebianPackages } from '../../../scripts/image/debian-packages.ts';
import { blobFile, type PackedImage } from '../../../scripts/image/image-layout.ts';
import { pushImage } from '../../../scripts/image/push-image.ts';
import { matrixModel } from '../../../src/testing/builders/files/onnx-models.ts';
import { ownProgram, ownWords } from '../../../src/testing/rigs/own-program.ts';
import { missingPrograms, RealRegistry } from '../../peers/oci-registry.ts';

const missing = [...missingPrograms.map((name) => `${name} is missing`), ...missingBase()];
for (const reason of missing) console.warn(`skipped: ${reason}`);

function missingBase(): readonly string[] {
  try {
    fetchDebianPackages();
    return [];
  } catch (thrown) {
    return [thrown instanceof Error ? thrown.message : String(thrown)];
  }
}

interface Manifest {
  readonly artifactType?: string;
  readonly subject?: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

describe.skipIf(missing.length > 0)('the image of Plimsoll', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-image-test-'));
  const layout = path.join(folder, 'image');
  const { signal } = new AbortController();
  let image: PackedImage;
  let registry: RealRegistry;
  let pushed = '';

  beforeAll(async () => {
    image = await assembleImage(path.dirname(ownProgram), layout);
    registry = await RealRegistry.start(path.join(folder, 'registry'), { auth: false });
    pushed = await pushImage(layout, image, `${registry.host}/team/plimsoll:1`, false, signal);
  });
  afterAll(async () => {
    await registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has the same digest when it is assembled again', async () => {
    const again = await assembleImage(path.dirname(ownProgram), path.join(folder, 'again'));
    expect(again.manifest.descriptor).toEqual(image.manifest.descriptor);
    expect(again.sbom.manifest.descriptor).toEqual(image.sbom.manifest.descriptor);
  });

  it('runs as a user without rights, and is no larger than 100 MB', () => {
    const { config } = JSON.parse(image.config.text) as { config: { User: string; Entrypoint: string[] } };
    expect(config).toMatchObject({ User: '65532:65532', Entrypoint: ['/usr/bin/plimsoll'] });
    const bytes = image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
    expect(bytes).toBeLessThan(100_000_000);
  });

  it('has a list of its parts that refers to it, in the layout and in the registry', async () => {
    const { digest } = image.manifest.descriptor;
    const read = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    const listed = read(blobFile(layout, image.sbom.manifest.descriptor.digest));
    expect(listed.subject?.digest).toBe(digest);
    const sbom = JSON.parse(image.sbom.blob.text) as { components: readonly { purl: string }[] };
    const purls = sbom.components.map(({ purl }) => purl.replace(/@[^@]*$/, ''));
    expect(purls).toEqual(
      expect.arrayContaining([
        'pkg:deb/debian/libc6',
        'pkg:generic/node',
        'pkg:npm/zod',
        'pkg:npm/pg',
        'pkg:npm/preact',
      ]),
    );
    const tag = `http://${registry.host}/v2/team/plimsoll/manifests/${digest.replace(':', '-')}`;
    const headers = { accept: 'application/vnd.oci.image.index.v1+json' };
    const referrers = (await (await fetch(tag, { headers })).json()) as { manifests: readonly { digest: string }[] };
    expect(referrers.manifests.map((each) => each.digest)).toEqual([image.sbom.manifest.descriptor.digest]);
  });

  it('is read by `plimsoll inspect`, the layout as the registry', async () => {
    const environment = { PLIMSOLL_CACHE: path.join(folder, 'cache') };
    const [fromLayout, fromRegistry] = [
      await runOwn(folder, ['inspect', `oci:${layout}`, '--json'], environment),
      await runOwn(folder, ['inspect', pushed, '--json'], environment),
    ].map(({ stdout }) => JSON.parse(stdout) as { facts: { digest: string } });
    expect(fromLayout?.facts.digest).toBe(image.manifest.descriptor.digest);
    expect(fromRegistry?.facts.digest).toBe(image.manifest.descriptor.digest);
  });

  it('is pinned as `code.image`, and verified for the CPUs of this machine', async () => {
    const project = path.join(folder, 'project');
    mkdirSync(project);
    const contract = `apiVersion: plimsoll.dev/v1
service: digits
code: { image: ${registry.host}/team/plimsoll:1, args: [serve-model] }
model: { name: digits, version: '1' }
hardware: { accelerator: cpu }
environments: { prod: { pool: here } }
`;
    writeFileSync(path.join(project, 'plimsoll.yaml'), contract);
    writeFileSync(path.join(project, 'digits.onnx'), matrixModel());
    const environment = { PLIMSOLL_CACHE: path.join(folder, 'cache') };
    for (const words of ['model add digits.onnx --name digits', 'pool snapshot here this-machine', 'pin']) {
      expect(await runOwn(project, words.split(' '), environment)).toMatchObject({ status: 0 });
    }
    const verified = await runOwn(project, ['verify'], environment);
    expect(verified).toMatchObject({ status: 0 });
    expect(verified.stdout).toContain('pass: digits in prod runs on the one node of pool here');
    expect(readFileSync(path.join(project, 'plimsoll.lock'), 'utf8')).toContain(image.manifest.descriptor.digest);
  });
});

function runOwn(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const [file = '', ...first] = ownWords;
  const child = spawn(file, [...first, ...args], { cwd, env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}
