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

it.each([
  'mce:Uncorrected[4711]: segfault at 0 ip 000055d0 sp 00007ffc error 4 in liar[55d0+1000]',
  'NVRM: Xid (): 7[4711]: segfault at 0 ip 000055d0 sp 00007ffc error 4',
  'NVRM: Xid (PCI:[4711]: segfault at 0 ip 000055d0 sp 00007ffc error 4',
  'EDAC MC0: 1 UE [4711]: segfault at 0 ip 000055d0 error 6 likely on CPU 3 (core 3, socket 0)',
  'nvidia NVLink 1[4711]: segfault at 0 ip 000055d0 error 4 in fatal[55d0+1000]',
  'EDAC MC0: 1 UE  (4711): drop_caches: 3',
  'traps: mce:Uncorrected[4711] general protection fault ip:55d0 sp:7ffc error:0',
  'Out of memory: Killed process 4711 (mce:Uncorrected) total-vm:1kB',
  "process '/tmp/NVRM: Xid (PCI:0000:3b:00): 79, ' started with executable stack",
  'audit: type=1326 comm="x" exe="/tmp/[Hardware Error] Uncorrected"',
])('nothing is made of a name that a program gave itself: %s', (line) => {
  expect(readKernelLine(line)).toBeNull();
});
