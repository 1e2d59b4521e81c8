import path from 'node:path';
import type { InterfaceCounters, NetworkCounters } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { makeReading, makeUnknown, mapReading, type Reading } from '../../../core/diagnosis/readings/reading.ts';
import { readKernelFile, textOf, type KernelText } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';
import { parseCount } from './kernel-number.ts';

const bytesOfMegabit = 125_000;

/** Of the network namespace that this program is in. The loopback interface has no speed and is left out. */
export async function readNetwork({ proc, sys }: NodeRoots): Promise<NetworkCounters> {
  const [snmp, devices] = await Promise.all([readKernelFile(`${proc}/net/snmp`), readKernelFile(`${proc}/net/dev`)]);
  const tcp = tcpFields(snmp);
  return {
    sentSegments: tcp('OutSegs'),
    retransmittedSegments: tcp('RetransSegs'),
    interfaces: 'reason' in devices ? { unknown: devices.reason } : { list: await readInterfaces(devices.text, sys) },
  };
}

/** https://man7.org/linux/man-pages/man5/proc_pid_net.5.html: a line of names, then one of values. */
function tcpFields(read: KernelText): (name: string) => Reading {
  if ('reason' in read) return () => makeUnknown(read.reason);
  const [names, values] = read.text.split('\n').filter((line) => line.startsWith('Tcp:'));
  const at = (names ?? '').split(' ');
  const told = (values ?? '').split(' ');
  return (name) => parseCount(told[at.indexOf(name)], `Tcp ${name}`);
}

async function readInterfaces(text: string, sys: string): Promise<readonly InterfaceCounters[]> {
  const rows = [...text.matchAll(/^\s*([^:\s]+):\s*(\d.*)$/gm)].filter(([, name]) => name !== 'lo');
  return Promise.all(
    rows.map(async ([, name = '', counters = '']) => {
      const fields = counters.trim().split(/\s+/);
      return {
        name,
        receivedBytes: parseCount(fields[0], 'the count of received bytes'),
        sentBytes: parseCount(fields[8], 'the count of sent bytes'),
        bytesPerSecondAtMost: await readSpeed(sys, name),
      };
    }),
  );
}

/** Megabits a second; -1, or an error, where the driver does not know: virtual interfaces rarely do. */
async function readSpeed(sys: string, name: string): Promise<Reading> {
  const read = await readKernelFile(path.join(sys, 'class/net', name, 'speed'));
  const speed = Number(textOf(read) ?? NaN);
  return speed > 0
    ? mapReading(makeReading(speed), (megabits) => megabits * bytesOfMegabit)
    : makeUnknown(`the speed of ${name} is not told`);
}
