import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceLibrary, KernelTarget } from '../../../image/image-facts.ts';
import { hasKernelsFor, limitsOf, namesOfLibraries } from './image-limits.ts';
import { formatTargets } from '../../../image/image-targets.ts';

const target = (text: string): KernelTarget => {
  const [, capability = '', suffix = ''] = /^(\d+\.\d)([af]?)$/.exec(text) ?? [];
  return { capability, suffix: suffix as KernelTarget['suffix'] };
};
const library = (path: string, cubins: string, ptx = '', unknown?: string): DeviceLibrary => ({
  path,
  bytes: 1,
  cubins: cubins.split(' ').filter(Boolean).map(target),
  ptx: ptx.split(' ').filter(Boolean).map(target),
  ...(unknown === undefined ? {} : { unknown }),
});

describe('kernels for a device', () => {
  it.each([
    ['8.0', '', '8.6', true],
    ['8.6', '', '8.0', false],
    ['8.0', '', '9.0', false],
    ['9.0a', '', '9.0', true],
    ['10.0a', '', '10.3', false],
    ['10.0f', '', '10.3', true],
    ['10.0f', '', '12.0', false],
    ['', '8.0', '12.0', true],
    ['', '8.0', '7.5', false],
    ['', '9.0a', '10.0', false],
    ['', '10.0f', '10.3', true],
  ])('cubins %j and PTX %j on %s: %s', (cubins, ptx, device, expected) => {
    expect(hasKernelsFor(library('x', cubins, ptx), device)).toBe(expected);
  });

  it('are never fewer with one more target', () => {
    const targets = fc.constantFrom('7.0', '7.5', '8.0', '8.6', '9.0a', '10.0f', '12.0');
    fc.assert(
      fc.property(
        fc.array(targets),
        targets,
        fc.constantFrom('7.0', '8.0', '8.9', '9.0', '10.3', '12.0'),
        (some, more, device) => {
          const before = hasKernelsFor(library('x', some.join(' ')), device);
          expect(hasKernelsFor(library('x', [...some, more].join(' ')), device) || !before).toBe(true);
        },
      ),
    );
  });
});

it('libraries that leave out the same are said in one line, and those that were not read whole in none', () => {
  const limits = limitsOf([
    library('a/libone.so', '8.0 8.6 9.0', '9.0'),
    library('b/libtwo.so', '8.0', '8.0'),
    library('libthree.so', '5.0 6.0 7.0 7.5 8.0 8.6 9.0'),
    library('libfour.so', '7.5 10.0', '12.0'),
    library('libfive.so', '', '5.0'),
    library('libsix.so', ''),
    library('libseven.so', '9.0', '', 'a header lies'),
  ]);
  expect(limits).toEqual([
    { sentence: 'no kernels below 8.0', libraries: ['a/libone.so', 'b/libtwo.so'] },
    { sentence: 'no kernels above 9.0', libraries: ['libthree.so'] },
    { sentence: 'no kernels below 7.5 or for 8.0, 8.6, 8.9, 9.0', libraries: ['libfour.so'] },
    { sentence: 'no kernels for any known device', libraries: ['libsix.so'] },
  ]);
});

it('targets are written as people write them', () => {
  expect(formatTargets(library('x', '7.5 8.0 9.0a', '9.0'))).toBe('7.5 8.0 9.0a +PTX 9.0');
  expect(formatTargets(library('x', '7.5'))).toBe('7.5');
  expect(formatTargets(library('x', ''))).toBe('none that could be read');
});

it('many libraries are counted', () => {
  expect(namesOfLibraries(['a/x.so', 'b/x.so', 'y.so', 'z.so', 'w.so'])).toBe('x.so (2 times), y.so, z.so and 1 more');
});
