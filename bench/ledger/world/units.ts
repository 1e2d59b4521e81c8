import type { DeviceLayout, Hold } from '../../../src/core/cost/ledger/fact.ts';
import type { Part } from './truth.ts';

/** A thing that replicas are placed on, one after another. */
export interface Unit {
  readonly name: string;
  /** Shares that a replica takes, with what each really is of its device. */
  readonly takes: readonly { readonly device: string; readonly hold: (device: string) => Hold; readonly part: Part }[];
}

export interface Board {
  readonly device: string;
  readonly place: string;
  readonly deviceClass: string;
  readonly pciDeviceId: string | null;
  readonly layout: DeviceLayout;
  /** Devices that it counts for. */
  readonly counts: number;
}

export interface NodeSpec {
  readonly node: string;
  readonly pool: string;
  readonly boards: readonly Board[];
  readonly units: readonly Unit[];
  readonly isMig: boolean;
  /** Parts that no replica is ever placed on. */
  readonly left: readonly { readonly device: string; readonly part: Part; readonly state: string }[];
}

interface MigPlan {
  readonly instances: readonly (readonly [profile: string, start: number, compute: number, memory: number])[];
  readonly left: readonly { readonly state: string; readonly compute: number; readonly memory: number }[];
}

/** Layouts of an H100-80 with what is left of 7 and 8 slices, worked out by hand from NVIDIA's table of placements. */
const migPlans: readonly [MigPlan, ...MigPlan[]] = [
  {
    instances: [0, 1, 2, 3, 4, 5, 6].map((start) => ['1g.10gb', start, 1, 1] as const),
    left: [{ state: 'stranded', compute: 0, memory: 1 }],
  },
  {
    instances: [
      ['3g.40gb', 0, 3, 4],
      ['3g.40gb', 4, 3, 4],
    ],
    left: [{ state: 'stranded', compute: 1, memory: 0 }],
  },
  {
    instances: [
      ['1g.10gb', 0, 1, 1],
      ['2g.20gb', 2, 2, 2],
      ['3g.40gb', 4, 3, 4],
    ],
    left: [{ state: 'unallocated', compute: 1, memory: 1 }],
  },
  {
    instances: [
      ['4g.40gb', 0, 4, 4],
      ['2g.20gb', 4, 2, 2],
      ['1g.10gb', 6, 1, 1],
    ],
    left: [{ state: 'stranded', compute: 0, memory: 1 }],
  },
  {
    instances: [['3g.40gb', 0, 3, 4]],
    left: [
      { state: 'unallocated', compute: 3, memory: 4 },
      { state: 'stranded', compute: 1, memory: 0 },
    ],
  },
];

const slotOn =
  (slot: string) =>
  (device: string): Hold => ({ device, slot });
const all: Part = { compute: 1, memory: 1 };

/** Two boards; as two units, or as one unit of both for replicas that are spread over two. */
export function wholeNode(node: string, isOneUnit: boolean): NodeSpec {
  const devices = [`${node}-gpu-0`, `${node}-gpu-1`];
  const takes = devices.map((device) => ({ device, hold: slotOn('whole'), part: all }));
  return {
    node,
    pool: 'whole',
    isMig: false,
    boards: devices.map((device, index) => ({
      device,
      place: `bus-${index}`,
      deviceClass: 'h100-80',
      pciDeviceId: '0x233010DE',
      layout: { kind: 'whole' },
      counts: 1,
    })),
    units: isOneUnit ? [{ name: node, takes }] : takes.map((take) => ({ name: take.device, takes: [take] })),
    left: [],
  };
}

/** One board cut by a plan; the units change when the plan does. */
export function migNode(node: string, which: number): NodeSpec {
  const plan = migPlans[which % migPlans.length] ?? migPlans[0];
  const device = `${node}-gpu-0`;
  const slots = plan.instances.map(([profile, start]) => ({ slot: `${profile}@${start}`, profile, start }));
  return {
    node,
    pool: 'mig',
    isMig: true,
    boards: [
      {
        device,
        place: 'bus-0',
        deviceClass: 'h100-80-mig',
        pciDeviceId: '0x233010DE',
        layout: { kind: 'mig', instances: slots },
        counts: 1,
      },
    ],
    units: plan.instances.map(([, , compute, memory], index) => {
      const slot = slots[index]?.slot ?? '';
      const part = { compute: compute / 7, memory: memory / 8 };
      return { name: `${device}/${slot}`, takes: [{ device, hold: slotOn(slot), part }] };
    }),
    left: plan.left.map(({ state, compute, memory }) => ({
      device,
      state,
      part: { compute: compute / 7, memory: memory / 8 },
    })),
  };
}

export function sharedNode(node: string, sharing: 'mps' | 'time-slicing', shares: number): NodeSpec {
  const device = `${node}-gpu-0`;
  const part = { compute: 1 / shares, memory: 1 / shares };
  return {
    node,
    pool: 'shared',
    isMig: false,
    boards: [
      {
        device,
        place: 'bus-0',
        deviceClass: `a10-${sharing}`,
        pciDeviceId: null,
        layout: { kind: 'shared', sharing, shares },
        counts: 1,
      },
    ],
    units: Array.from({ length: shares }, (_, share) => ({
      name: `${device}/${share}`,
      takes: [{ device, hold: slotOn(String(share)), part }],
    })),
    left: [],
  };
}

/** Cores of a node: lanes of 6, 4.5 and 2 of 16 cores; nothing is ever placed on the other 3.5. */
export function coreNode(node: string): NodeSpec {
  const device = `${node}-cores`;
  const lanes = [6_000, 4_500, 2_000];
  const left = 16 - lanes.reduce((sum, lane) => sum + lane, 0) / 1_000;
  return {
    node,
    pool: 'cores',
    isMig: false,
    boards: [
      {
        device,
        place: 'cpu',
        deviceClass: 'epyc',
        pciDeviceId: null,
        layout: { kind: 'cores', cores: 16 },
        counts: 16,
      },
    ],
    units: lanes.map((milliCores) => ({
      name: `${device}/${milliCores}`,
      takes: [
        {
          device,
          hold: (of) => ({ device: of, milliCores }),
          part: { compute: milliCores / 1_000, memory: milliCores / 1_000 },
        },
      ],
    })),
    left: [{ device, state: 'unallocated', part: { compute: left, memory: left } }],
  };
}
