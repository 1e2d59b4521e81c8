import type { CaseRow, ImageRow } from '../case-row.ts';

const jitLink = 'PyTorch issues 111469, 131312 and 134929 (2024-11-25)';
const nccl = 'PyTorch issue 119932 (2024-02-15)';
const cudnn = 'PyTorch, torch/backends/cudnn (2026-11)';
const parts = 'PyTorch issues 185512 and 188892 (2026-07-06)';
const loader = 'ld.so(8) (2026-11)';
const stubs = 'CUDA Driver API, CUDA_ERROR_STUB_LIBRARY; xmake issue 4686 (2024-02-03)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const older: Answer = ['incompatible', 'older-copy'];
const openOlder: Answer = ['unknown', 'older-copy'];
const mixed: Answer = ['incompatible', 'mixed-cudnn'];

const sp = 'usr/lib/python3/dist-packages';
const sparse = `${sp}/nvidia/cusparse/lib/libcusparse.so.12`;
const wheelFolder = '$ORIGIN/../../nvjitlink/lib';
const ownJitLink = `${sp}/nvidia/nvjitlink/lib/libnvJitLink.so.12`;
const systemFolder = 'usr/local/cuda/lib64';
const systemJitLink = `${systemFolder}/libnvJitLink.so.12`;
const every = 'sm_70 sm_80 sm_90';

const row = (name: string, image: ImageRow, [compatibility, rule]: Answer, source: string): CaseRow => ({
  name,
  device: 'A100-40 550.54.14 12.4',
  image,
  compatibility,
  rule,
  source,
});

/** A library of a wheel that needs libnvJitLink, with a copy of the wheel (12.4) and one of the system (12.1). */
const jitLinkRow = (name: string, rest: ImageRow, answer: Answer, source = jitLink): CaseRow =>
  row(
    name,
    {
      libraries: { [sparse]: every },
      needs: { [sparse]: 'libnvJitLink.so.12' },
      looksIn: { [sparse]: `runpath ${wheelFolder}` },
      copies: { [ownJitLink]: '12.4.127', [systemJitLink]: '12.1.105' },
      env: { LD_LIBRARY_PATH: `/${systemFolder}` },
      ...rest,
    },
    answer,
    source,
  );

const olderCopies: readonly CaseRow[] = [
  jitLinkRow('an older libnvJitLink by LD_LIBRARY_PATH before DT_RUNPATH', {}, older),
  jitLinkRow(
    'the same by the folder with the version in its name',
    { env: { LD_LIBRARY_PATH: '/usr/local/cuda-12.1/targets/x86_64-linux/lib' } },
    older,
  ),
  jitLinkRow('DT_RPATH goes before LD_LIBRARY_PATH', { looksIn: { [sparse]: `rpath ${wheelFolder}` } }, native, loader),
  jitLinkRow('LD_LIBRARY_PATH names another folder', { env: { LD_LIBRARY_PATH: '/usr/local/lib' } }, native, loader),
  jitLinkRow(
    'LD_LIBRARY_PATH names the wheel first',
    { env: { LD_LIBRARY_PATH: `/${sp}/nvidia/nvjitlink/lib:/${systemFolder}` } },
    native,
  ),
  jitLinkRow('DT_RUNPATH goes before ld.so.conf', { env: {}, searchPaths: [`/${systemFolder}`] }, native, loader),
  jitLinkRow(
    'ld.so.conf where the library looks nowhere itself, and torch opens nothing',
    { env: {}, searchPaths: [`/${systemFolder}`], looksIn: { [sparse]: 'none' } },
    older,
    loader,
  ),
  jitLinkRow(
    'the same beside torch, which opens that of the wheel before',
    { env: {}, searchPaths: [`/${systemFolder}`], looksIn: { [sparse]: 'none' }, python: { torch: '2.4.0' } },
    native,
  ),
  jitLinkRow(
    'an older copy in a default folder, found when nothing else is',
    {
      env: {},
      looksIn: { [sparse]: 'none' },
      copies: { [ownJitLink]: '12.4.127', 'lib/x86_64-linux-gnu/libnvJitLink.so.12': '12.1.105' },
    },
    older,
    loader,
  ),
  ...['usr/lib64', 'usr/lib'].map((folder) =>
    jitLinkRow(
      `an older copy in the default folder ${folder}`,
      {
        env: {},
        looksIn: { [sparse]: 'none' },
        copies: { [ownJitLink]: '12.4.127', [`${folder}/libnvJitLink.so.12`]: '12.1.105' },
      },
      older,
      loader,
    ),
  ),
  jitLinkRow(
    'LD_LIBRARY_PATH behind a DT_RPATH that holds none',
    { looksIn: { [sparse]: 'rpath /opt/none' } },
    older,
    loader,
  ),
  jitLinkRow(
    'two older copies, of which the loader finds one',
    { copies: { [ownJitLink]: '12.4.127', [systemJitLink]: '12.1.105', 'opt/x/libnvJitLink.so.12': '12.0.140' } },
    older,
  ),
  jitLinkRow(
    'a copy whose major version is older',
    { copies: { [ownJitLink]: '12.4.127', [systemJitLink]: '11.8.0' } },
    older,
  ),
  jitLinkRow(
    'the copy for newer CPUs is of the same version',
    {
      copies: {
        [ownJitLink]: '12.4.127',
        [systemJitLink]: '12.1.105',
        [`${systemFolder}/glibc-hwcaps/x86-64-v3/libnvJitLink.so.12`]: '12.1.105',
      },
    },
    older,
    loader,
  ),
  jitLinkRow(
    'a newer copy by LD_LIBRARY_PATH',
    { copies: { [ownJitLink]: '12.4.127', [systemJitLink]: '12.6.20' } },
    native,
  ),
  jitLinkRow(
    'a copy of the same minor version',
    { copies: { [ownJitLink]: '12.4.127', [systemJitLink]: '12.4.99' } },
    native,
  ),
  jitLinkRow(
    'a copy whose version nothing tells',
    { copies: { [ownJitLink]: '12.4.127', [systemJitLink]: '' } },
    native,
  ),
  jitLinkRow('no copy of the wheel', { copies: { [systemJitLink]: '12.1.105' } }, native),
  jitLinkRow('nobody read where the library looks', { looksIn: {} }, openOlder, never),
  jitLinkRow(
    'nobody read ld.so.conf, and the search comes to it',
    { env: {}, searchPaths: null, looksIn: { [sparse]: 'none' } },
    openOlder,
    never,
  ),
  jitLinkRow(
    'another copy for newer CPUs lies in the folder',
    {
      copies: {
        [ownJitLink]: '12.4.127',
        [systemJitLink]: '12.1.105',
        [`${systemFolder}/glibc-hwcaps/x86-64-v3/libnvJitLink.so.12`]: '12.4.127',
      },
    },
    openOlder,
    never,
  ),
  jitLinkRow(
    'a library of the system gets that of the system',
    {
      libraries: { 'usr/lib/libcusparse.so.12': every },
      needs: { 'usr/lib/libcusparse.so.12': 'libnvJitLink.so.12' },
      looksIn: { 'usr/lib/libcusparse.so.12': 'none' },
    },
    native,
  ),
  jitLinkRow('a library that needs another', { needs: { [sparse]: 'libcublas.so.12' } }, native),
  row(
    'an older NCCL by its full name',
    {
      libraries: { [`${sp}/torch/lib/libtorch_cuda.so`]: every },
      needs: { [`${sp}/torch/lib/libtorch_cuda.so`]: 'libcudart.so.12 libnccl.so.2' },
      looksIn: { [`${sp}/torch/lib/libtorch_cuda.so`]: 'runpath $ORIGIN/../../nvidia/nccl/lib' },
      copies: { [`${sp}/nvidia/nccl/lib/libnccl.so.2`]: '2.19.3', 'opt/nccl/libnccl.so.2.18.5': '2.18.5' },
      env: { LD_LIBRARY_PATH: '/opt/nccl' },
    },
    older,
    nccl,
  ),
  row(
    'an older cuDNN',
    {
      libraries: { [`${sp}/torch/lib/libtorch_cuda.so`]: every },
      needs: { [`${sp}/torch/lib/libtorch_cuda.so`]: 'libcudnn.so.9' },
      looksIn: { [`${sp}/torch/lib/libtorch_cuda.so`]: 'runpath ${ORIGIN}/../../nvidia/cudnn/lib' },
      copies: { [`${sp}/nvidia/cudnn/lib/libcudnn.so.9`]: '9.5.1', 'opt/cudnn/libcudnn.so.9': '9.1.0' },
      env: { LD_LIBRARY_PATH: '/opt/cudnn/' },
      components: { cudnn: '9.5.1' },
    },
    older,
    cudnn,
  ),
  row(
    'an unknown one of two libraries does not hide what the other refuses',
    {
      libraries: { [`${sp}/a/liba.so`]: every, [sparse]: every },
      needs: { [`${sp}/a/liba.so`]: 'libnvJitLink.so.12', [sparse]: 'libnvJitLink.so.12' },
      looksIn: { [sparse]: `runpath ${wheelFolder}` },
      copies: { [ownJitLink]: '12.4.127', [systemJitLink]: '12.1.105' },
      env: { LD_LIBRARY_PATH: `/${systemFolder}` },
    },
    older,
    jitLink,
  ),
];

const part = 'libcudnn_engines_tensor_ir.so.9';
const ownCudnn = `${sp}/nvidia/cudnn/lib`;
const system = 'usr/lib/x86_64-linux-gnu';
const torch = { torch: '2.12.1+cu124' };

const mixedRow = (name: string, own: string, other: string, answer: Answer, rest: ImageRow = {}): CaseRow =>
  row(
    name,
    {
      python: torch,
      copies: { [`${ownCudnn}/libcudnn.so.9`]: own, [`${system}/${part}`]: other },
      ...rest,
    },
    answer,
    parts,
  );

const mixedCopies: readonly CaseRow[] = [
  mixedRow('cuDNN 9.20 of a wheel with a part of 9.23', '9.20.0.48', '9.23.0', mixed),
  mixedRow('cuDNN 9.22 of a wheel with a part of 9.23', '9.22.0', '9.23.0', mixed),
  mixedRow('cuDNN 9.23 of a wheel', '9.23.0', '9.24.0', native),
  mixedRow('cuDNN 9.19 of a wheel, which does not open the part', '9.19.0', '9.23.0', native),
  mixedRow('a part of the same version', '9.20.0', '9.20.0', native),
  mixedRow('nothing tells the version of the wheel', '', '9.23.0', native),
  mixedRow('without torch, which opens the wheel', '9.20.0', '9.23.0', native, { python: {} }),
  mixedRow('the part lies beside it', '9.20.0', '9.23.0', native, {
    copies: {
      [`${ownCudnn}/libcudnn.so.9`]: '9.20.0',
      [`${ownCudnn}/${part}`]: '9.20.0',
      [`${system}/${part}`]: '9.23.0',
    },
  }),
  mixedRow('the part lies beside it, and LD_LIBRARY_PATH puts another before it', '9.20.0', '9.23.0', mixed, {
    copies: {
      [`${ownCudnn}/libcudnn.so.9`]: '9.20.0',
      [`${ownCudnn}/${part}`]: '9.20.0',
      [`${system}/${part}`]: '9.23.0',
    },
    env: { LD_LIBRARY_PATH: `/${system}` },
  }),
  mixedRow('the whole cuDNN of the system beside that of the wheel', '9.20.0', '9.23.0', mixed, {
    copies: {
      [`${system}/libcudnn.so.9`]: '9.23.0',
      [`${system}/${part}`]: '9.23.0',
      [`${ownCudnn}/libcudnn.so.9`]: '9.20.0',
    },
  }),
  mixedRow('no other part', '9.20.0', '', native, { copies: { [`${ownCudnn}/libcudnn.so.9`]: '9.20.0' } }),
  mixedRow('the part lies where nobody looks', '9.20.0', '9.23.0', native, {
    copies: { [`${ownCudnn}/libcudnn.so.9`]: '9.20.0', [`opt/cudnn/${part}`]: '9.23.0' },
  }),
  mixedRow('the part lies in a folder of LD_LIBRARY_PATH', '9.20.0', '9.23.0', mixed, {
    copies: { [`${ownCudnn}/libcudnn.so.9`]: '9.20.0', [`opt/cudnn/${part}`]: '9.23.0' },
    env: { LD_LIBRARY_PATH: '/opt/cudnn' },
  }),
  mixedRow('nobody read the search paths', '9.20.0', '9.23.0', ['unknown', 'mixed-cudnn'], { searchPaths: null }),
];

const stubFolder = '/usr/local/cuda/lib64/stubs';
const named = { LD_LIBRARY_PATH: `/opt/lib:${stubFolder}` };
const stubRow = (name: string, image: ImageRow, answer: Answer, warnings?: readonly string[]): CaseRow => ({
  ...row(name, image, answer, stubs),
  ...(warnings === undefined ? {} : { warnings }),
});

const stubCases: readonly CaseRow[] = [
  stubRow(
    'the stub of the driver by LD_LIBRARY_PATH',
    { env: named, copies: { 'usr/local/cuda/lib64/stubs/libcuda.so.1': '' } },
    ['incompatible', 'stub-driver'],
  ),
  stubRow(
    'the stub by the folder with the version in its name',
    { env: named, copies: { 'usr/local/cuda-12.4/targets/x86_64-linux/lib/stubs/libcuda.so.1': '' } },
    ['incompatible', 'stub-driver'],
  ),
  stubRow(
    'stubs without the name that programs open',
    { env: named, copies: { 'usr/local/cuda/lib64/stubs/libcuda.so': '' } },
    native,
    ['stub-driver'],
  ),
  stubRow('stubs that nobody listed', { env: named }, ['unknown', 'stub-driver']),
  stubRow('stubs that nothing names', { copies: { 'usr/local/cuda/lib64/stubs/libcuda.so.1': '' } }, native, []),
  stubRow(
    'the stub lies in another folder of stubs',
    { env: named, copies: { 'opt/other/stubs/libcuda.so.1': '' } },
    native,
    ['stub-driver'],
  ),
];

const xx = 'llm-d-kv-cache issue 445 (2026-03-22); Xinference issue 1959 (2024-07-29)';
const cxx = (name: string, image: ImageRow, answer: Answer): CaseRow => row(name, image, answer, xx);
const twoLibraries = { 'app/liba.so': every, 'app/libb.so': every };

const cxxCases: readonly CaseRow[] = [
  cxx(
    'a library that needs a newer libstdc++',
    { libraries: twoLibraries, glibcxx: '3.4.29', needsGlibcxx: { 'app/libb.so': '3.4.30' } },
    ['incompatible', 'glibcxx'],
  ),
  cxx(
    'a library that needs the libstdc++ that is there',
    { libraries: twoLibraries, glibcxx: '3.4.30', needsGlibcxx: { 'app/libb.so': '3.4.30' } },
    native,
  ),
  cxx(
    'the newest of two needs counts',
    {
      libraries: twoLibraries,
      glibcxx: '3.4.29',
      needsGlibcxx: { 'app/liba.so': '3.4.30', 'app/libb.so': '3.4.11' },
    },
    ['incompatible', 'glibcxx'],
  ),
  cxx(
    'nobody read the libstdc++ of the image',
    { libraries: twoLibraries, needsGlibcxx: { 'app/liba.so': '3.4.30' } },
    ['unknown', 'glibcxx'],
  ),
  cxx('no library needs one', { libraries: twoLibraries, glibcxx: '3.4.29' }, native),
];

export const copyCases: readonly CaseRow[] = [...olderCopies, ...mixedCopies, ...stubCases, ...cxxCases];
