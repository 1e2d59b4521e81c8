import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageFacts } from '../../../src/core/image/image-facts.ts';
import {
  buildImage,
  emptyElf,
  indexOf,
  layoutFiles,
  tagged,
  writeLayout,
  type BuiltImage,
} from '../../../src/testing/builders/files/image-builder.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { missingPrograms, RealRegistry, skopeo } from '../../peers/oci-registry.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const deviceLibrary = path.join(root, 'src/formats/fatbin/fixtures/library.so');

if (missingPrograms.length > 0) {
  console.error(
    `oci.test.ts is skipped: without ${missingPrograms.join(', ')}; next: apt-get install -y docker-registry skopeo`,
  );
}

describe.skipIf(missingPrograms.length > 0)('images of a real registry', () => {
  let folder: string;
  let layout: string;
  let open: RealRegistry;
  let closed: RealRegistry;
  const digestOfImage = (): string => inspect(layout).facts.digest;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-oci-'));
    layout = `oci:${path.join(folder, 'layout')}:v1`;
    const [lower, middle, upper] = [
      layerOf('lower', fillLower),
      layerOf('middle', fillMiddle),
      layerOf('upper', fillUpper),
    ];
    const archives = [lower, middle, upper];
    const imageOf = (compressions: readonly ('gzip' | 'zstd')[]): BuiltImage =>
      buildImage({
        env: ['CUDA_VERSION=12.4.1', 'NVIDIA_REQUIRE_CUDA=cuda>=12.4 brand=tesla,driver>=470,driver<471'],
        labels: { 'com.nvidia.cudnn.version': '9.1.0' },
        layers: archives.map((archive, index) => ({ archive, compression: compressions[index] ?? 'gzip' })),
      });
    // The form of `docker save` knows no Zstandard.
    const [image, gzipped] = [imageOf(['gzip', 'zstd', 'gzip']), imageOf([])];
    const index = indexOf([tagged(image, 'v1'), tagged(gzipped, 'gzip')]);
    writeLayout(path.join(folder, 'layout'), layoutFiles([image, gzipped], index));
    open = await RealRegistry.start(path.join(folder, 'open'), { auth: false });
    closed = await RealRegistry.start(path.join(folder, 'closed'), { auth: true });
  });
  afterAll(async () => {
    await open?.stop();
    await closed?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Written by tar itself, with its long names, links and folders. */
  function layerOf(name: string, fill: (place: string) => void): Buffer {
    const place = path.join(folder, name);
    fill(place);
    const options = ['--sort=name', '--owner=0', '--group=0', '-C', place, '-cf', '-', '.'];
    return execFileSync('tar', options, { maxBuffer: 64 * 1024 * 1024 });
  }
  const put = (file: string, content: string | Uint8Array): void => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  function fillLower(place: string): void {
    const cuda = path.join(place, 'usr/local/cuda-12.4/lib64');
    put(path.join(cuda, 'libcudart.so.12.4.127'), emptyElf());
    symlinkSync('libcudart.so.12.4.127', path.join(cuda, 'libcudart.so.12'));
    symlinkSync('cuda-12.4', path.join(place, 'usr/local/cuda'));
    put(path.join(place, 'opt/old/libnccl.so.2.20.5'), emptyElf());
    copyFileSync(deviceLibrary, path.join(place, 'opt/old/libold.so'));
  }
  function fillMiddle(place: string): void {
    const packages = path.join(place, 'usr/lib/python3/site-packages');
    put(path.join(packages, 'torch-2.8.0+cu126.dist-info/METADATA'), 'Name: torch\n');
    const long = path.join(packages, 'torch', 'd'.repeat(90), `lib${'x'.repeat(90)}.so`);
    mkdirSync(path.dirname(long), { recursive: true });
    copyFileSync(deviceLibrary, long);
    linkSync(long, path.join(packages, 'torch/libtwin.so'));
  }
  const fillUpper = (place: string): void => put(path.join(place, 'opt/.wh.old'), '');

  interface Inspected {
    readonly status: number;
    readonly stderr: string;
    readonly facts: ImageFacts;
  }
  function inspect(image: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Inspected {
    const own = { PLIMSOLL_CACHE: path.join(folder, 'cache'), DOCKER_CONFIG: path.join(folder, 'nobody'), ...env };
    try {
      const out = execFileSync(process.execPath, [ownProgram, 'inspect', image, '--json', ...args], {
        env: { ...process.env, ...own },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return { status: 0, stderr: '', facts: (JSON.parse(out) as { readonly facts: ImageFacts }).facts };
    } catch (thrown) {
      const { status, stderr } = thrown as { readonly status: number; readonly stderr: string };
      return { status, stderr, facts: {} as ImageFacts };
    }
  }

  it('what the layout holds is found through links, long names and a deleted folder', () => {
    const { facts } = inspect(layout);
    expect(facts.cuda).toEqual({ version: '12.4.127', from: 'usr/local/cuda-12.4/lib64/libcudart.so.12.4.127' });
    const found = [
      ...Object.values(facts.components).map(({ from }) => from),
      ...facts.libraries.map(({ path }) => path),
    ];
    expect(found.filter((each) => each.startsWith('opt/old'))).toEqual([]);
    expect(facts.python).toEqual([{ name: 'torch', version: '2.8.0+cu126' }]);
    expect(facts.libraries.map((each) => path.basename(each.path)).sort()).toEqual(
      ['libtwin.so', `lib${'x'.repeat(90)}.so`].sort(),
    );
    expect(facts.libraries.every(({ cubins, unknown }) => cubins.length > 0 && unknown === undefined)).toBe(true);
  });

  it('a registry gives the same as the layout that was pushed to it', () => {
    skopeo('copy', '--preserve-digests', '--dest-tls-verify=false', layout, `docker://${open.host}/team/app:v1`);
    const expected = inspect(layout).facts;
    expect(inspect(`${open.host}/team/app:v1`, ['--no-cache']).facts).toEqual(expected);
    expect(inspect(`${open.host}/team/app@${expected.digest}`).facts).toEqual(expected);
    expect(inspect(`${open.host}/team/app:none`)).toMatchObject({ status: 2 });
  });

  it('an archive that skopeo wrote gives the same, by the digest of its configuration', () => {
    const file = path.join(folder, 'saved.tar');
    skopeo('copy', layout.replace(/v1$/, 'gzip'), `docker-archive:${file}:registry.example/team/app:v1`);
    const { digest: _, ...saved } = inspect(`docker-archive:${file}`).facts;
    const { digest: __, ...expected } = inspect(layout).facts;
    expect(saved).toEqual(expected);
  });

  it('a registry with passwords lets in who logged in, and says how to', () => {
    const credentials = 'ann:secret';
    const destination = `docker://${closed.host}/team/app:v1`;
    skopeo('copy', '--preserve-digests', '--dest-tls-verify=false', '--dest-creds', credentials, layout, destination);
    const name = `${closed.host}/team/app:v1`;
    const refused = inspect(name);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain(`next: docker login ${closed.host}`);
    const login = path.join(folder, 'docker');
    const auth = Buffer.from(credentials).toString('base64');
    put(path.join(login, 'config.json'), JSON.stringify({ auths: { [closed.host]: { auth } } }));
    const env = { DOCKER_CONFIG: login };
    expect(inspect(name, ['--no-cache'], env).facts.digest).toBe(digestOfImage());
    const wrong = Buffer.from('ann:guess').toString('base64');
    put(path.join(login, 'config.json'), JSON.stringify({ auths: { [closed.host]: { auth: wrong } } }));
    expect(inspect(name, [], env).status).toBe(3);
  });

  it('a layer that the registry lost or changed is an error, and nothing of it is kept', () => {
    skopeo('copy', '--preserve-digests', '--dest-tls-verify=false', layout, `docker://${open.host}/team/broken:v1`);
    const manifest = JSON.parse(
      readFileSync(path.join(folder, 'layout/blobs', digestOfImage().replace(':', '/')), 'utf8'),
    ) as { readonly layers: readonly { readonly digest: string }[] };
    const hex = manifest.layers[1]?.digest.slice('sha256:'.length) ?? '';
    const blob = path.join(folder, 'open/storage/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
    const sound = readFileSync(blob);
    const changed = Buffer.from(sound);
    changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1;
    writeFileSync(blob, changed);
    const { status, stderr } = inspect(`${open.host}/team/broken:v1`, ['--no-cache']);
    writeFileSync(blob, sound);
    expect(status).toBe(2);
    expect(stderr).toContain(`stated sha256:${hex}, read sha256:`);
  });
});
