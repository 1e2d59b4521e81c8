import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

const libraries = 'libnvidia-container, src/nvc_info.c; nvidia-docker issues 1001 and 1103 (2019-10-21)';
const toolkit = 'nvidia-container-toolkit, cmd/nvidia-container-runtime-hook/container_config.go (2026-11)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const none: Answer = ['incompatible', 'driver-capabilities'];
const open: Answer = ['unknown', 'driver-capabilities'];

const path = 'app/libapp.so';
/** An image whose library is linked to these; `env` is its `NVIDIA_DRIVER_CAPABILITIES`. */
const linked = (needs: string, env?: string, rest: ImageRow = {}): ImageRow => ({
  needs: { [path]: needs },
  ...(env === undefined ? {} : { env: { NVIDIA_DRIVER_CAPABILITIES: env } }),
  ...rest,
});

const row = (
  name: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  {
    source = libraries,
    mode = 'legacy',
    says,
  }: {
    readonly source?: string;
    readonly mode?: DeviceState['containerRuntime'] | 'not read';
    readonly says?: string;
  } = {},
): CaseRow => ({
  name: `libraries of a driver: ${name}`,
  device: 'A100-40 550.54.14 12.4',
  image,
  deviceFacts: { state: mode === 'not read' ? {} : { containerRuntime: mode } },
  compatibility,
  rule,
  ...(says === undefined ? {} : { says }),
  source,
});

/** flash-attn that is linked to NVML, beside these distributions. */
const attention = (python: Readonly<Record<string, string>>): ImageRow => ({
  python,
  libraries: { [path]: 'sm_80', 'opt/flash_attn_2_cuda.so': 'sm_80' },
  needs: { 'opt/flash_attn_2_cuda.so': 'libcudart.so.12 libnvidia-ml.so.1' },
  env: { NVIDIA_DRIVER_CAPABILITIES: 'compute' },
});

/** A hundred characters. */
const manyWords = `compute,${'utility,'.repeat(11)}util`;
const decoder = 'libcudart.so.12 libnvcuvid.so.1';

export const driverCapabilityCases: readonly CaseRow[] = [
  row('a decoder without video', linked(decoder, 'compute,utility'), none, {
    says: 'no libnvcuvid.so.1, which app/libapp.so',
  }),
  row('a module that no program of the image does without', attention({}), none, {
    says: 'no libnvidia-ml.so.1, which opt/flash_attn_2_cuda.so',
  }),
  row('the same module beside a program that does without it', attention({ transformers: '4.50.0' }), native),
  row('a decoder, and nobody named capabilities', linked(decoder), none, { says: 'no NVIDIA_DRIVER_CAPABILITIES' }),
  row('a decoder, and no capability is named', linked(decoder, ''), none),
  row('a decoder, and commas alone are named', linked(decoder, ' , '), none),
  row('a decoder with video', linked(decoder, 'compute, video'), native),
  row('a decoder with all', linked(decoder, 'all'), native),
  row('a decoder without video, where no requirement is checked', linked(decoder, 'compute'), none, {
    mode: 'unchecked',
  }),
  row('a decoder without video, by CDI', linked(decoder, 'compute,utility'), open, { mode: 'cdi', source: never }),
  row('a decoder without video, in a mode that nobody read', linked(decoder, 'compute'), open, {
    mode: 'not read',
    source: never,
    says: 'app/libapp.so is linked to libnvcuvid.so.1',
  }),
  row('an encoder without video', linked('libnvidia-encode.so.1', 'compute'), none),
  row('optical flow without video', linked('libnvidia-opticalflow.so.1', 'compute'), none),
  row('VDPAU without video', linked('libvdpau_nvidia.so.1', 'compute'), none),
  row('NVML without utility', linked('libnvidia-ml.so.1', 'compute,video'), none, { says: 'leaves utility out' }),
  row('NVML, and nobody named capabilities', linked('libnvidia-ml.so.1'), native),
  row('settings of boards without utility', linked('libnvidia-cfg.so.1', 'compute'), none),
  row('a ray tracer without graphics', linked('libnvoptix.so.1', 'compute,utility'), none, {
    says: 'leaves graphics out',
  }),
  row('a ray tracer with graphics', linked('libnvoptix.so.1', 'compute,graphics'), native),
  row('a ray tracer with display', linked('libnvoptix.so.1', 'compute,display'), native),
  row('libraries of OpenGL without graphics', linked('libEGL_nvidia.so.0', 'compute'), none),
  row('NGX without its capability', linked('libnvidia-ngx.so.1', 'compute,graphics'), none),
  row('NGX with its capability', linked('libnvidia-ngx.so.1', 'compute,ngx'), native),
  row(
    'the second library that is not handed in',
    linked('libnvidia-ml.so.1 libnvcuvid.so.1', 'compute,utility'),
    none,
    {
      says: 'no libnvcuvid.so.1',
    },
  ),
  row('libraries that CUDA brings', linked('libcudart.so.12 libcublas.so.12', 'compute'), native),
  row('many words without video', linked(decoder, manyWords), none, {
    says: `NVIDIA_DRIVER_CAPABILITIES=${manyWords.slice(0, 80)} leaves video out`,
  }),
  row('compute is missing as well', linked(decoder, 'utility'), none, { says: 'leaves compute out' }),
  row(
    'a decoder that the image brings',
    linked(decoder, 'compute', { driverFiles: { 'usr/lib/libnvcuvid.so.470.82.01': '470.82.01' } }),
    native,
  ),
  row(
    'another library of a driver that the image brings',
    linked(decoder, 'compute', { driverFiles: { 'usr/lib/libnvidia-ml.so.550.54.14': '550.54.14' } }),
    none,
  ),
  row(
    'a part that not every use loads',
    {
      env: { NVIDIA_DRIVER_CAPABILITIES: 'compute' },
      libraries: { [path]: 'sm_80', 'usr/lib/libcusparseLt.so.0': 'sm_80' },
      needs: { 'usr/lib/libcusparseLt.so.0': decoder },
    },
    native,
  ),
  row('a decoder in an image of old times', linked(decoder, undefined, { env: { CUDA_VERSION: '12.4.1' } }), native, {
    source: toolkit,
  }),
  row(
    'a decoder in an image of old times that names capabilities',
    linked(decoder, undefined, { env: { CUDA_VERSION: '12.4.1', NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' } }),
    none,
    { source: toolkit },
  ),
  row(
    'a decoder in an image that states what it requires',
    linked(decoder, undefined, { env: { CUDA_VERSION: '12.4.1', NVIDIA_REQUIRE_CUDA: 'cuda>=12.4' } }),
    none,
    { source: toolkit },
  ),
  row(
    'a decoder in an image that requires nothing by name',
    linked(decoder, undefined, { env: { CUDA_VERSION: '12.4.1', NVIDIA_REQUIRE_CUDA: '' } }),
    native,
    { source: toolkit },
  ),
  row('a decoder in an image with an empty version', linked(decoder, undefined, { env: { CUDA_VERSION: '' } }), none, {
    source: toolkit,
  }),
];
