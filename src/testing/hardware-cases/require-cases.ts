import type { RequireAnswer, RequireHost } from '../../core/hardware/rules/require/require-string.ts';

type Answer = RequireAnswer['answer'];

/** One requirement against one host, as each of the three checkers answers it. */
export interface RequireRow {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly host?: Partial<RequireHost>;
  readonly legacy: Answer;
  readonly go2022: Answer;
  readonly go2026: Answer;
}

/** An A100 on R550, unless the row says otherwise. */
export const requireHost: RequireHost = { cuda: '12.4', driver: '550.54.14', arch: '8.0', brand: 'nvidia' };

const cuda = (text: string): Readonly<Record<string, string>> => ({ NVIDIA_REQUIRE_CUDA: text });
const row = (
  name: string,
  text: string,
  [legacy, go2022, go2026]: readonly [Answer, Answer, Answer],
  host: Partial<RequireHost> = {},
): RequireRow => ({ name, env: cuda(text), host, legacy, go2022, go2026 });

const yes: readonly [Answer, Answer, Answer] = ['yes', 'yes', 'yes'];
const no: readonly [Answer, Answer, Answer] = ['no', 'no', 'no'];
const error: readonly [Answer, Answer, Answer] = ['error', 'error', 'error'];

/** As the CUDA 12.9 and 13.x images carry it, for some of its brands. */
const branches = (base: string, ...named: readonly number[]): string =>
  [
    base,
    ...named.flatMap((branch) =>
      ['unknown', 'grid', 'tesla', 'nvidia'].map((brand) => `brand=${brand},driver>=${branch},driver<${branch + 1}`),
    ),
  ].join(' ');

/** Read off dsl.c and the Go sources named in require-string.ts. */
export const requireRows: readonly RequireRow[] = [
  row('an alternative of commas only, and then one that fails', ', cuda>=13.0', ['yes', 'no', 'no']),
  row('equal versions', 'cuda>=12.4', yes),
  row('an older host', 'cuda>=12.5', no),
  row('a newer host', 'cuda>=12.3', yes),
  row('missing places are zero', 'cuda=12.4.0', yes),
  row('a longer version is not equal', 'cuda=12.4.1', no),
  row('not equal', 'cuda!=12.4', no),
  row('not equal to another', 'cuda!=12.5', yes),
  row('below', 'cuda<12.5', yes),
  row('below itself', 'cuda<12.4', no),
  row('at most itself', 'cuda<=12.4', yes),
  row('at most an older one', 'cuda<=12.3', no),
  row('above an older one', 'cuda>12.3', yes),
  row('above itself', 'cuda>12.4', no),
  row('numbers compare, not texts', 'cuda>=9.2', yes),
  row('capability', 'arch>=8.0', yes),
  row('capability that is later', 'arch>=9.0', no),
  row('a comma is AND', 'cuda>=12.0,arch>=9.0', no),
  row('a comma is AND, both hold', 'cuda>=12.0,arch>=8.0', yes),
  row('a space is OR', 'cuda>=13.0 arch>=8.0', yes),
  row('a space is OR, none holds', 'cuda>=13.0 arch>=9.0', no),
  row('the first alternative holds', 'cuda>=12.0 arch>=9.0', yes),
  row('AND binds closer than OR', 'cuda>=13.0,arch>=8.0 cuda>=12.0', yes),
  row('an empty requirement', '', yes),
  row('spaces only', '   ', yes),
  row('commas only', ',', yes),
  row('an alternative that failed, and then commas only', 'cuda>=13.0 ,', no),
  row('several spaces', 'cuda>=13.0   cuda>=12.0', yes),
  row('the driver of a branch: only the newest Go checker and the legacy one know it', 'driver>=550,driver<551', [
    'yes',
    'no',
    'yes',
  ]),
  row('the driver of another branch', 'driver>=535,driver<536', no),
  row('a driver that is asked for below: an empty version is below all', 'driver<551', yes),
  row('a leading zero is no semantic version', 'driver>=450.80.02', ['yes', 'error', 'error']),
  row('four places are no semantic version', 'cuda>=12.4.0.1', ['no', 'error', 'error']),
  row('the brand', 'brand=nvidia', ['yes', 'no', 'yes']),
  row('the brand in capitals', 'brand=NVIDIA', ['yes', 'no', 'no']),
  row('another brand', 'brand=tesla', no),
  row('not this brand', 'brand!=nvidia', ['no', 'yes', 'no']),
  row('not another brand', 'brand!=tesla', yes),
  row('brands in order of the alphabet', 'brand<zebra', ['error', 'yes', 'yes']),
  row('brands in reverse order', 'brand>zebra', ['error', 'no', 'no']),
  row('a property that nobody knows', 'kernel>=5', ['error', 'yes', 'yes']),
  row('a property that nobody knows beside one that fails', 'kernel>=5,cuda>=13', ['error', 'no', 'no']),
  row('a property that nobody knows after an alternative that holds', 'cuda>=12 kernel>=5', yes),
  row('a property in capitals', 'CUDA>=13.0', ['no', 'yes', 'yes']),
  row('no operator', 'cuda12', error),
  row('no operator after an alternative that holds', 'cuda>=12 cuda12', ['yes', 'error', 'error']),
  row('no value', 'cuda>=', error),
  row('no property', '>=12.4', ['error', 'yes', 'yes']),
  row('a doubled operator', 'cuda==12.4', error),
  row('a turned operator', 'cuda=>12.4', error),
  row('a lone exclamation mark is read as "not equal" by dsl.c', 'cuda!12.5', ['yes', 'error', 'error']),
  row('a lone exclamation mark, and the versions are equal', 'cuda!12.4', ['no', 'error', 'error']),
  row('a lone exclamation mark at a brand', 'brand!tesla', ['yes', 'no', 'no']),
  row('a version with letters', 'cuda>=12.x', error),
  row('a version with a letter in front', 'cuda>=v12.4', ['error', 'yes', 'yes']),
  row('a missing version', 'cuda>=12.0', ['yes', 'no', 'no'], { cuda: null }),
  row('a missing version that is asked for below', 'cuda<12.0', yes, { cuda: null }),
  row('a missing capability', 'arch>=7.0', ['yes', 'no', 'no'], { arch: null }),
  row('a missing brand', 'brand=tesla', ['yes', 'no', 'no'], { brand: null }),
  row('a missing driver', 'driver>=550', ['yes', 'no', 'no'], { driver: null }),
  row('a driver with leading zeros is read by the newest checker', 'driver>=535.104', ['yes', 'no', 'yes'], {
    driver: '535.104.05',
  }),
  row(
    'the string of the CUDA 12.9 image on R535',
    branches('cuda>=12.9', 535, 550, 560, 565, 570),
    ['yes', 'no', 'yes'],
    { cuda: '12.2', driver: '535.183.01' },
  ),
  row('the string of the CUDA 12.9 image on R525', branches('cuda>=12.9', 535, 550, 560, 565, 570), no, {
    cuda: '12.0',
    driver: '525.85.12',
  }),
  row('the string of the CUDA 12.9 image on R535 with GeForce', branches('cuda>=12.9', 535, 550, 560, 565, 570), no, {
    cuda: '12.2',
    driver: '535.183.01',
    brand: 'geforce',
  }),
  row('the string of the CUDA 13.3 image on R595', branches('cuda>=13.3', 535, 570, 580, 590), no, {
    cuda: '13.2',
    driver: '595.45.04',
  }),
  row('the string of the CUDA 13.0 image on a V100 with R580', branches('cuda>=13.0', 535, 550, 570), yes, {
    cuda: '13.0',
    driver: '580.65.06',
    arch: '7.0',
    brand: 'tesla',
  }),
  row('a condition of 127 characters that fails', `brand=${'x'.repeat(119)}`, no),
  row('a condition of 128 characters that fails does not fit', `brand=${'x'.repeat(120)}`, ['error', 'no', 'no']),
  {
    name: 'every variable must hold',
    env: { NVIDIA_REQUIRE_CUDA: 'cuda>=12.0', NVIDIA_REQUIRE_ARCH: 'arch>=9.0' },
    legacy: 'no',
    go2022: 'no',
    go2026: 'no',
  },
  {
    name: 'one variable cannot be read',
    env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.0', NVIDIA_REQUIRE_X: 'x' },
    legacy: 'error',
    go2022: 'error',
    go2026: 'error',
  },
  {
    name: 'switched off',
    env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.0', NVIDIA_DISABLE_REQUIRE: 'true' },
    legacy: 'yes',
    go2022: 'yes',
    go2026: 'yes',
  },
  {
    name: 'switched off by 1',
    env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.0', NVIDIA_DISABLE_REQUIRE: '1' },
    legacy: 'yes',
    go2022: 'yes',
    go2026: 'yes',
  },
  {
    name: 'yes does not switch it off',
    env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.0', NVIDIA_DISABLE_REQUIRE: 'yes' },
    legacy: 'no',
    go2022: 'no',
    go2026: 'no',
  },
  {
    name: 'false does not switch it off',
    env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.0', NVIDIA_DISABLE_REQUIRE: 'false' },
    legacy: 'no',
    go2022: 'no',
    go2026: 'no',
  },
  {
    name: 'Jetpack is left out',
    env: { NVIDIA_REQUIRE_JETPACK: 'csv-mounts=all' },
    legacy: 'yes',
    go2022: 'yes',
    go2026: 'yes',
  },
  { name: 'CUDA_VERSION alone', env: { CUDA_VERSION: '12.5.1' }, legacy: 'no', go2022: 'no', go2026: 'no' },
  {
    name: 'CUDA_VERSION alone: updates do not count',
    env: { CUDA_VERSION: '12.4.1' },
    legacy: 'yes',
    go2022: 'yes',
    go2026: 'yes',
  },
  {
    name: 'CUDA_VERSION beside NVIDIA_REQUIRE_CUDA says nothing',
    env: { CUDA_VERSION: '13.0.0', NVIDIA_REQUIRE_CUDA: 'cuda>=12.0' },
    legacy: 'yes',
    go2022: 'yes',
    go2026: 'yes',
  },
  {
    name: 'CUDA_VERSION beside another requirement counts',
    env: { CUDA_VERSION: '13.0.0', NVIDIA_REQUIRE_ARCH: 'arch>=8.0' },
    legacy: 'no',
    go2022: 'no',
    go2026: 'no',
  },
  {
    name: 'CUDA_VERSION beside an empty NVIDIA_REQUIRE_CUDA counts',
    env: { CUDA_VERSION: '13', NVIDIA_REQUIRE_CUDA: '' },
    legacy: 'no',
    go2022: 'no',
    go2026: 'no',
  },
  { name: 'nothing is asked for', env: {}, legacy: 'yes', go2022: 'yes', go2026: 'yes' },
];
