import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** A wheel of PyPI for Linux on x86-64, pinned by version and SHA-256. */
export interface CudaWheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** To download. */
  readonly megabytes: number;
  /** Libraries with device code inside; 0 for a tool. */
  readonly libraries: number;
  /** Those that the cuobjdump of the usual set reads not, with its words. */
  readonly refused?: readonly string[];
  /** `usual`: fetched by CI, some 500 MB in all. `all`: only when asked for, 7 GB more. */
  readonly set: 'usual' | 'all';
}

const wheel = (
  set: CudaWheel['set'],
  [name, version]: readonly [string, string],
  megabytes: number,
  libraries: number,
  sha256: string,
): CudaWheel => ({ set, name, version, megabytes, libraries, sha256 });

/** Chosen so that each way in which libraries carry device code occurs: see src/formats/elf/device-ranges.ts. */
// prettier-ignore
export const cudaWheels: readonly CudaWheel[] = [
  wheel('usual', ['nvidia-cuda-cuobjdump', '13.5.37'], 1, 0, '38780fee50863252a0b8926357faa91615ca1c8346490563f33a06100cd73f58'),
  // CUDA 13.0, Zstandard: sm_90a and sm_120a that only .nv.compat tells.
  wheel('usual', ['onnxruntime-gpu', '1.31.1'], 256, 1, 'e26c475fe361b2015f45b4b824bd13f0bb20204e59b62814e6f0acd5f3d491a6'),
  // Nearly all in .ldata.
  wheel('usual', ['nvidia-cufft-cu12', '11.4.1.4'], 201, 2, 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'),
  // CUDA 11.8 to 13.2, LZ4 and none; inputs of the device linker beside what it made.
  { ...wheel('usual', ['bitsandbytes', '0.50.2'], 44, 7, '55348a9a4a21bfd99cf8c7b32fe67b4030ae5c2a05738e03c1747f65fa6ec283'), refused: ['libbitsandbytes_cuda121.so: Invalid ELF'] },
  wheel('usual', ['nvidia-nvjpeg-cu12', '12.4.0.76'], 6, 1, '3888f10b32fbd58e80166c48e01073732d752fa5f167b7cb5b9615f1c6375a20'),
  // An older cuobjdump, for what the new one refuses.
  wheel('all', ['triton', '3.5.1'], 171, 0, '61413522a48add32302353fdbaaf92daaaab06f6b5e3229940d21b5207f47579'),
  wheel('all', ['nvidia-cublas', '13.10.0.20'], 445, 2, 'dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84'),
  wheel('all', ['nvidia-cublas-cu12', '12.9.3.13'], 582, 2, 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'),
  wheel('all', ['nvidia-cudnn-cu12', '9.28.0.42'], 717, 6, '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'),
  wheel('all', ['nvidia-cusparse-cu12', '12.5.10.65'], 367, 1, '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78'),
  wheel('all', ['nvidia-cusparselt-cu12', '0.8.1'], 240, 1, 'cd1b1dc9e1ad31ea3353c1f985e2bd6f9e7ae0e797d7e6ce879d7b2ace5e80e8'),
  wheel('all', ['nvidia-cusolver-cu12', '11.7.5.82'], 339, 2, '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88'),
  wheel('all', ['nvidia-curand-cu12', '10.3.10.19'], 69, 1, '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'),
  wheel('all', ['nvidia-npp-cu12', '12.4.1.87'], 283, 11, 'a586435420f08a804ebe83c09f2757d53fdee65364f2129e36d7476ab66c6197'),
  wheel('all', ['nvidia-nccl-cu12', '2.32.3'], 352, 1, 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
  wheel('all', ['nvidia-nccl-cu13', '2.32.3'], 306, 1, '1459723080ac889d73a26edfa3e04383a7928ab31ac8f0ec43b3ea9548b04ff3'),
  wheel('all', ['nvidia-nvshmem-cu12', '3.8.0'], 281, 1, 'b2e5760d6158aefe7bb74348d5128bb1b46a7dd1fd4b7b1e6fe55b4b07888f70'),
  wheel('all', ['torch', '2.15.0'], 540, 3, '48c2d861134c0b5697c7602cb5ffa68f62a2989fdcd1717e593356f67996ca1e'),
  wheel('all', ['vllm', '0.33.0'], 337, 9, '4b6bdec4ab269990bf70d45a3c1e94c3760a27064513760193b26d6f0da883aa'),
  wheel('all', ['sgl-kernel', '0.3.21'], 536, 12, '57dfb3a2a3cd759f499c32e2bad5f6489b7c58f7f9a84ee00c53ec92d303aaab'),
  wheel('all', ['sglang-kernel', '0.4.10'], 373, 6, '043cbe4a10e7887ea1b25599b729ff1ce115a0d5217b2c177aff9f9ae5327724'),
  wheel('all', ['cupy-cuda12x', '14.2.0'], 137, 3, '5fe2366cc5c61a7ee4a527ce1e8951cb89092d0fb0b5830623cf114d1942c585'),
  wheel('all', ['ctranslate2', '4.8.5'], 43, 1, '79a30a2c974530dbb5083f4922d28ffad87e08542f423aa91c53fbf4543cc35f'),
  wheel('all', ['faiss-gpu-cu12', '1.14.1.post1'], 49, 1, '87e630faed349ba71e6c10e8340e93edf406bf22b42e08f097d7d3d64e16d0cb'),
];

/** `PLIMSOLL_CUDA_WHEELS`, or a folder in the user's cache, outside the repository. */
export function cudaWheelsFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return process.env['PLIMSOLL_CUDA_WHEELS'] ?? path.join(cache, 'plimsoll-bench', 'cuda-wheels');
}

const folderOf = ({ name, version }: CudaWheel): string => path.join(cudaWheelsFolder(), `${name}-${version}`);
const markerOf = (one: CudaWheel): string => path.join(folderOf(one), 'installed');

/** Those that were fetched before. */
export const fetchedWheels = (): readonly CudaWheel[] => cudaWheels.filter((one) => existsSync(markerOf(one)));

/** Files of a fetched wheel, by the end of their names or of their names before a version (`.so.12`). */
export function filesOf(one: CudaWheel, pattern: RegExp): readonly string[] {
  return readdirSync(folderOf(one), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Keeps the libraries and the tool of a wheel, and nothing else of it. */
const unpack = `
import glob, re, sys, zipfile
with zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0]) as wheel:
    for name in wheel.namelist():
        if re.search(r'\\.so(\\.[0-9.]+)?$|bin/cuobjdump$', name):
            wheel.extract(name, sys.argv[2])
`;
const platforms = [
  'manylinux_2_28',
  'manylinux_2_27',
  'manylinux_2_24',
  'manylinux2014',
  'manylinux1',
  'manylinux_2_5',
];

/** Debian's python3 comes without pip, and with what makes a virtual environment that has it. */
function pythonWithPip(): string {
  if (spawnSync('python3', ['-m', 'pip', '--version']).status === 0) return 'python3';
  const environment = path.join(cudaWheelsFolder(), 'python');
  const python = path.join(environment, 'bin', 'python3');
  if (!existsSync(python)) spawnSync('python3', ['-m', 'venv', environment]);
  return python;
}

/** Fetches one wheel, once. Null, or why it could not be had. */
export function fetchWheel(one: CudaWheel, say: (line: string) => void): string | null {
  if (existsSync(markerOf(one))) return null;
  const folder = folderOf(one);
  const download = path.join(folder, 'download');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  say(`fetching ${one.name} ${one.version} (${one.megabytes} MB, once) into ${folder}`);
  const wanted = path.join(download, 'requirements.txt');
  writeFileSync(wanted, `${one.name}==${one.version} --hash=sha256:${one.sha256}\n`);
  const where = [
    '--only-binary',
    ':all:',
    '--python-version',
    '3.11',
    '--implementation',
    'cp',
    '--abi',
    'cp311',
    '--abi',
    'abi3',
    '--abi',
    'none',
  ];
  const steps: readonly (readonly string[])[] = [
    [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--require-hashes',
      '--dest',
      download,
      '-r',
      wanted,
      ...where,
      ...platforms.flatMap((each) => ['--platform', `${each}_x86_64`]),
    ],
    ['-c', unpack, download, folder],
  ];
  const python = pythonWithPip();
  for (const step of steps) {
    const run = spawnSync(python, step, { encoding: 'utf8', timeout: 900_000 });
    if (run.status !== 0) return `${one.name} ${one.version}: ${(run.stderr || String(run.error)).trim().slice(-300)}`;
  }
  rmSync(download, { recursive: true });
  for (const tool of filesOf(one, /^cuobjdump$/)) chmodSync(tool, 0o755);
  writeFileSync(markerOf(one), '');
  return null;
}
