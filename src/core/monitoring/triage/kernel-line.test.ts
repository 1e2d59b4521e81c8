import { expect, it } from 'vitest';
import { classifyNodeEvent } from './node-events.ts';
import { readKernelLine } from './kernel-line.ts';

it.each([
  ['NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, GPU has fallen off the bus.', 'xid', 79, 'hard'],
  ['NVRM: Xid (PCI:0000:3b:00): 13, Graphics Exception', 'xid', 13, 'application'],
  [
    'mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 4: be00000000800400',
    'ecc-uncorrected',
    null,
    'hard',
  ],
  ['[Hardware Error]: Uncorrected, software containable error.', 'ecc-uncorrected', null, 'hard'],
  ['[Hardware Error]: Corrected error, no action required.', 'ecc-corrected', null, 'contained'],
  ['mce: [Hardware Error]: Machine check events logged', 'ecc-corrected', null, 'contained'],
  ['EDAC MC0: 1 UE memory read error on CPU_SrcID#0', 'ecc-uncorrected', null, 'hard'],
  ['EDAC MC0: 1 CE memory read error on CPU_SrcID#0', 'ecc-corrected', null, 'contained'],
  ['pcieport 0000:00:01.0: AER: Uncorrected (Fatal) error received: 0000:01:00.0', 'link', null, 'hard'],
  ['CPU0: Core temperature is above threshold, cpu clock is throttled (total events = 1)', 'throttle', null, 'speed'],
] as const)('%s', (line, kind, code, says) => {
  const found = readKernelLine(line);
  expect(found).toEqual({ kind, code });
  expect(classifyNodeEvent({ node: 'n', atMs: 0, kind, code })).toBe(says);
});

it.each(['', 'NVRM: Xid (PCI', 'eth0: link becomes ready', 'a client wrote EDAC', 'drop_caches: 1'])(
  'nothing is made of `%s`',
  (line) => {
    expect(readKernelLine(line)).toBeNull();
  },
);
