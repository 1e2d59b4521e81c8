import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DcgmSample } from '../../../src/core/cost/ledger/devices/read-dcgm-series.ts';
import { dcgmFields } from '../../../src/core/diagnosis/readings/dcgm-fields.ts';
import { makeDeviceSnapshots, makeDistantDevices } from '../../../src/core/diagnosis/readings/device-snapshots.ts';
import { noCeilings, type MeasuredCeilings } from '../../../src/core/diagnosis/readings/measured-ceilings.ts';
import type { NodeSnapshot } from '../../../src/core/diagnosis/readings/node-snapshot.ts';
import { makeReading } from '../../../src/core/diagnosis/readings/reading.ts';
import type { ServiceSnapshot } from '../../../src/core/diagnosis/waterfall/service-snapshot.ts';
import type { DeviceFacts } from '../../../src/core/pool/node-facts.ts';
import type { Random } from '../../../src/core/statistics/random.ts';
import { nodeFactsOfNvidiaSmi } from '../../../src/formats/nvidia-smi-xml/node-facts-of-nvidia-smi.ts';
import { makeNodeSnapshot, makeThread } from '../../../src/testing/builders/diagnosis/make-readings.ts';
import { between, clockAtMost, copyCeiling, rowsAtMost, type Board, type Host, type Truth } from './board.ts';

const fixture = path.join(import.meta.dirname, '../../../src/formats/nvidia-smi-xml/fixtures/h100.xml');
const uuids = ['GPU-replayed-0', 'GPU-replayed-1'] as const;
/** A look may fall between two moments of a reason that stands nearly all the time. */
const reasonStandsShare = 0.99;
/** A healthy board meets its power limit for a moment. */
const blipShare = 0.03;
const reasonNames = new Map([
  [0x1, 'gpu_idle'],
  [0x4, 'sw_power_cap'],
  [0x8, 'hw_slowdown'],
  [0x20, 'sw_thermal_slowdown'],
]);

/** The first board of a recorded output of nvidia-smi: head and board. */
const recorded = (() => {
  const text = readFileSync(fixture, 'utf8');
  const [from, to] = [text.indexOf('<gpu id='), text.indexOf('</gpu>') + '</gpu>'.length];
  return { head: text.slice(0, from).replace(/<attached_gpus>\d+/, '<attached_gpus>2'), board: text.slice(from, to) };
})();

/** Where the numbers of accelerators come from: the driver of the node with DCGM beside it, or DCGM of another node alone. */
export type Sources = 'driver' | 'dcgm';

const ceilings: MeasuredCeilings = {
  ...noCeilings(''),
  takenAtMs: 0,
  copyBytesPerSecond: new Map(uuids.map((_, index) => [index, copyCeiling])),
};

/** One look at the node, and one at the service, as their counters stand after so long. */
export function lookAt(truth: Truth, atMs: number, sources: Sources, random: Random) {
  const told = truth.boards.map((board) => readBoard(board, random));
  const samples = told.flatMap((board, at) => dcgmOf(board, at, random));
  const devices =
    sources === 'driver'
      ? makeDeviceSnapshots(factsOf(truth, told), '', { samples }, ceilings)
      : makeDistantDevices(uuids, { samples }, 'another node');
  const threads = [
    makeThread({ cpuMs: makeReading(truth.host.threadShare * atMs), waitedMs: makeReading(0.02 * atMs) }),
  ];
  const node: NodeSnapshot = makeNodeSnapshot({
    ...{ atMs, cores: makeReading(64), threads: { list: threads }, devices, replicaNumaNodes: { list: [0] } },
  });
  return { node, service: serviceOf(truth.host, atMs) };
}

/** The board with the noise of one look. */
function readBoard(board: Board, random: Random): Board {
  const noisy = (value: number, share: number): number => value * between(random, 1 - share, 1 + share);
  const own = random.nextShare() < reasonStandsShare ? board.reason : 0;
  const reason = own === 0 && random.nextShare() < blipShare ? 0x4 : own;
  return {
    ...board,
    reason,
    smActiveShare: Math.min(1, noisy(board.smActiveShare, 0.06)),
    dramActiveShare: Math.min(1, noisy(board.dramActiveShare, 0.06)),
    busBytesPerSecond: noisy(board.busBytesPerSecond, 0.05),
    clockMhz: Math.min(clockAtMost, noisy(board.clockMhz, 0.02)),
  };
}

/** Series of dcgm-exporter; of a board that two pods share there are copies. */
function dcgmOf(board: Board, at: number, random: Random): readonly DcgmSample[] {
  const values: Readonly<Record<Exclude<keyof typeof dcgmFields, 'clockReasons'>, number>> = {
    ...{ smActive: board.smActiveShare, dramActive: board.dramActiveShare },
    ...{ sent: board.busBytesPerSecond * 0.2, received: board.busBytesPerSecond },
    ...{ clock: board.clockMhz, clockAtMost, used: 60_000, total: 81_559 },
    ...{ generation: board.generation, generationAtMost: 5, width: board.lanes, widthAtMost: 16 },
    ...{ throttleReasons: board.reason, remapPending: board.isRemapPending ? 1 : 0 },
  };
  const pods = random.nextShare() < 0.3 ? ['a', 'b'] : ['a'];
  return Object.entries(values).flatMap(([field, value]) =>
    pods.map((pod) => ({
      name: dcgmFields[field as keyof typeof values],
      value,
      labels: Object.entries({ UUID: uuids[at] ?? '', Hostname: 'gpu-1', gpu: String(at), pod }),
    })),
  );
}

/** The recorded output with what this look shows, read by the parser of `plimsoll probe`. NVML tells what nvidia-smi does not. */
function factsOf(truth: Truth, told: readonly Board[]): readonly DeviceFacts[] {
  const xml = `${recorded.head}${told.map(boardXml).join('\n')}</nvidia_smi_log>`;
  const { devices } = nodeFactsOfNvidiaSmi({ xml: Buffer.from(xml), name: 'gpu-1', takenAtMs: 0 });
  return (devices ?? []).map(({ state: { nvlink: _, ...state } = {}, ...device }, at) => {
    const { isPeerRefused, numaNode } = truth.boards[at] ?? truth.boards[0];
    return { ...device, index: at, numaNode, state: { ...state, peerAccess: isPeerRefused ? 'none' : 'ok' } };
  });
}

function boardXml(board: Board, at: number): string {
  const name = reasonNames.get(board.reason);
  const text = recorded.board
    .replace(/<uuid>[^<]*/, `<uuid>${uuids[at]}`)
    .replace(/<gpu id="[^"]*"/, `<gpu id="0000000${at}:0A:00.0"`)
    .replace(/<current_link_gen>\d+/, `<current_link_gen>${board.generation}`)
    .replace(/<current_link_width>\d+x/, `<current_link_width>${board.lanes}x`)
    .replace(/(<remapped_row_pending>)\w+/, `$1${board.isRemapPending ? 'Yes' : 'No'}`)
    .replace(/(_gpu_idle>)Active/, '$1Not Active');
  return name === undefined ? text : text.replace(new RegExp(`(<clocks_event_reason_${name}>)Not Active`), '$1Active');
}

/** Counters of gateway and server that grow evenly. */
function serviceOf(host: Host, atMs: number): ServiceSnapshot {
  const requests = (host.requestsPerSecond * atMs) / 1_000;
  const of = (ms: number) => makeReading(ms * requests);
  const batches = requests / host.rowsOfBatch;
  const serverMs = host.waitMs + host.runMs + 1;
  const engineMs = Math.min(host.engineShare * atMs, host.runMs * requests);
  return {
    atMs,
    gateways: [
      {
        ...{ gatewayId: 'g', requests: makeReading(requests), totalMs: of(host.totalMs) },
        replicaMs: of(Math.max(serverMs, host.totalMs - 1)),
        phasesMs: { admission: of(0.3), queue: of(0.4), connect: of(0.1), answer: of(0.2) },
      },
    ],
    servers: [
      {
        ...{ replicaId: 'r', requests: makeReading(requests), engineMs: makeReading(engineMs) },
        phasesMs: {
          ...{ receive: of(0.2), preprocess: of(0.5), upstream: of(0) },
          ...{ 'batch-wait': of(host.waitMs), run: of(host.runMs), encode: of(0.3) },
        },
        ...{ batches: makeReading(batches), rows: makeReading(requests), rowsAtMost: makeReading(rowsAtMost) },
      },
    ],
  };
}
