import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildBundle } from '../../testing/builders/files/bundle-files.ts';
import { digest } from '../../testing/builders/evidence-builders.ts';
import { bundleFileKey, type Bundle, type BundleFile } from './bundle.ts';
import { bundleProblems } from './check-bundle.ts';

const { bundle: good } = buildBundle({ code: { 'server.py': 'print()', 'lib/a.py': '' } });
const codeFile = (path: string, bytes = 1): BundleFile => ({ path, digest: digest(path), bytes, role: 'code' });
const sorted = (files: readonly BundleFile[]): readonly BundleFile[] =>
  files.toSorted((a, b) => (bundleFileKey(a) < bundleFileKey(b) ? -1 : 1));
const withFiles = (...files: readonly BundleFile[]): Bundle => ({ ...good, files: sorted([...good.files, ...files]) });
const withModel = (model: Partial<Bundle['model']>): Bundle => buildBundle({}, model).bundle;
const roleOf = (path: string, role: BundleFile['role'], word = path): BundleFile => ({
  ...codeFile(path),
  digest: digest(word),
  role,
});
const without = (role: BundleFile['role']): Bundle => ({
  ...good,
  files: good.files.filter((file) => file.role !== role),
});

it('has nothing to say about a good bundle', () => {
  expect(bundleProblems(good)).toEqual([]);
  const files = [{ path: 'model.onnx', digest: digest('model.onnx'), bytes: 5e9 }];
  expect(bundleProblems(withModel({ files, place: 'oci://ghcr.io/acme/digits@sha256:1' }))).toEqual([]);
  const all = [roleOf('golden/a.json', 'golden'), roleOf('prices.yaml', 'prices'), roleOf('pools/a.json', 'pool')];
  expect(bundleProblems(withFiles(...all))).toEqual([]);
});

it('lets one file have several roles', () => {
  expect(bundleProblems(withFiles(codeFile('metric.py'), roleOf('metric.py', 'metric')))).toEqual([]);
  expect(bundleProblems(withFiles(codeFile('metric.py'), roleOf('metric.py', 'metric', 'another')))).toEqual([
    'files: "metric.py" is another file as metric than as code',
  ]);
});

describe('a path', () => {
  it.each([
    ['/etc/passwd', 'is absolute'],
    ['C:/windows', 'is absolute'],
    ['../secret', 'leaves its folder by `..`'],
    ['a/../../b', 'leaves its folder by `..`'],
    ['./a', 'has a segment `.`'],
    ['a//b', 'has an empty segment'],
    ['a/', 'has an empty segment'],
    ['', 'has an empty segment'],
    ['a\\b', 'has a backslash'],
    ['a\0b', 'has a NUL'],
    ['\ud800', 'is not Unicode text'],
    ['x'.repeat(1_001), 'is 1001 characters long, of at most 1000'],
  ])('%j %s', (path, problem) => {
    expect(bundleProblems(withFiles(codeFile(path))).join()).toContain(problem);
    const files = [{ path, digest: digest('m'), bytes: 1 }];
    expect(bundleProblems(withModel({ files })).join()).toMatch(/^model\.files/);
  });

  it('is never good and leads out of a folder, whatever it is made of', () => {
    const segment = fc.constantFrom('..', '.', '', 'a', 'b.py', '...', '\\', 'C:', '..\\x');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
        const path = segments.join('/');
        if (bundleProblems(withFiles(codeFile(path))).length > 0) return;
        // A good path is what it says, on every system: resolved it stays below, with its own segments.
        expect(posix.resolve('/root/folder', path)).toBe(`/root/folder/${path}`);
        expect(win32.resolve('D:\\folder', path)).toBe(`D:\\folder\\${path.replaceAll('/', '\\')}`);
      }),
    );
  });

  it('of a file is no folder of other files', () => {
    const problems = bundleProblems(withFiles(codeFile('a'), codeFile('a-b'), codeFile('a/b/c')));
    expect(problems).toEqual(['files: "a" is a file, and a folder of other files']);
  });
});

describe('a list', () => {
  it.each<[string, Bundle, readonly string[]]>([
    ['without a contract', without('contract'), ['files: no contract']],
    ['without a lock', without('lock'), ['files: no lock']],
    [
      'with two contracts',
      withFiles(roleOf('other.yaml', 'contract')),
      ['files: 2 files of the role contract, of at most 1', 'files: the contract is plimsoll.yaml, not "other.yaml"'],
    ],
    [
      'with a lock of another name',
      { ...without('lock'), files: sorted([...without('lock').files, roleOf('a.lock', 'lock')]) },
      ['files: the lock is plimsoll.lock, not "a.lock"'],
    ],
    [
      'with two golden sets',
      withFiles(roleOf('golden/a.json', 'golden'), roleOf('golden/b.json', 'golden')),
      ['files: 2 files of the role golden, of at most 1'],
    ],
    [
      'with two prices',
      withFiles(roleOf('a.yaml', 'prices'), roleOf('b.yaml', 'prices')),
      ['files: 2 files of the role prices, of at most 1'],
    ],
    [
      'with two pools',
      withFiles(roleOf('a.json', 'pool'), roleOf('b.json', 'pool')),
      ['files: 2 files of the role pool, of at most 1'],
    ],
    ['with a file twice', withFiles(codeFile('a.py'), codeFile('a.py')), ['files: "a.py" stands there twice']],
    [
      'out of order',
      { ...good, files: [...good.files, codeFile('a.py')] },
      ['files: "a.py" is not in the order of paths'],
    ],
    ['with fewer bytes than none', withFiles(codeFile('a.py', -1)), ['files: "a.py" has -1 bytes']],
    ['with half a byte', withFiles(codeFile('a.py', 0.5)), ['files: "a.py" has 0.5 bytes']],
    ['with bytes beyond counting', withFiles(codeFile('a.py', 2 ** 53)), [`files: "a.py" has ${2 ** 53} bytes`]],
    ['of a model without files', withModel({ files: [] }), ['model.files: a model has at least one file']],
    ['of a model from a folder', withModel({ place: '/srv/model' }), ['model.place: "/srv/model" begins with none']],
  ])('%s', (_what, bundle, problems) => {
    const found = bundleProblems(bundle);
    for (const problem of problems) expect(found.some((each) => each.startsWith(problem))).toBe(true);
    expect(bundleProblems(good)).toEqual([]);
  });

  it('is bounded in files and in bytes, at exactly these numbers', () => {
    const many = (count: number): readonly BundleFile[] =>
      Array.from({ length: count }, (_, index) => codeFile(`code/${index}`, 0));
    expect(bundleProblems(withFiles(...many(10_000 - good.files.length)))).toEqual([]);
    const over = bundleProblems(withFiles(...many(10_001 - good.files.length)));
    expect(over).toEqual(['files: 10001 files of at most 10000']);
    const held = good.files.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(bundleProblems(withFiles(codeFile('big', 64 * 2 ** 20 - held)))).toEqual([]);
    expect(bundleProblems(withFiles(codeFile('big', 64 * 2 ** 20 - held + 1)))).toEqual([
      `files: ${64 * 2 ** 20 + 1} bytes inside, of at most ${64 * 2 ** 20}`,
    ]);
  });
});
