import { acceleratorClassOf } from '../../core/pool/classes/device-class.ts';
import { judgeEvery } from '../../core/hardware/judging/judge-every.ts';
import { judgeCpu, judgeDevice, judgeUnit, verdictOf } from '../../core/hardware/judging/judge-device.ts';
import { verifyPool } from '../../core/hardware/judging/judge-pool.ts';
import { judgeUnits } from '../../core/hardware/judging/judge-units.ts';
import { placeProfile, smallestProfile } from '../../core/hardware/judging/mig-placement.ts';
import { PoolUnits } from '../../core/hardware/judging/pool-units.ts';
import { prepareService } from '../../core/hardware/judging/prepare-service.ts';
import { checkRequirements, requirementsOf } from '../../core/hardware/rules/require/require-string.ts';
import { bySeverity, worstOf } from '../../core/hardware/rules/outcome.ts';
import { migBoards } from '../../core/hardware/tables/mig-profiles.ts';
import { allCases } from './all-cases.ts';
import { classOf, demandsOf, type CaseRow } from './case-row.ts';
import { cpuRows, type CpuRow } from './cpu-cases.ts';
import { placementRows, type PlacementRow } from './placement-cases.ts';
import { nodeOf, nodeRows, preflightMaxAgeOf, takenAtMs, type NodeRow } from './pool-cases.ts';
import { requireHost, requireRows, type RequireRow } from './require-cases.ts';
import { tableCases } from './table-cases.ts';

/** What is wrong with one row under the rules as they are; null when it comes out right. */
export type Check<Row> = (row: Row) => string | null;

const differs = (what: string, got: unknown, want: unknown): string | null =>
  JSON.stringify(got) === JSON.stringify(want)
    ? null
    : `${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`;

export const checkCase: Check<CaseRow> = (row) => {
  const demands = demandsOf(row);
  const deviceClass = classOf(row);
  const { compatibility, verdict, findings, notChecked = [] } = judgeDevice(demands, deviceClass);
  const of = (weight: string): readonly string[] =>
    findings.filter((each) => each.weight === weight).map(({ rule }) => rule);
  const said = findings.filter(({ weight }) => weight !== 'warning').map((each) => each.compatibility);
  const service = prepareService(demands);
  // Beside devices that differ, so that a rule which is asked once for several shows.
  const beside = [
    deviceClass,
    { ...deviceClass, driver: '615.10.1', driverCuda: '13.4' },
    { ...deviceClass, driver: '450.51.5', driverCuda: '11.0' },
    { ...deviceClass, state: {} },
    ...(deviceClass.sharing === 'exclusive' ? [] : [1, 64].map((replicas) => ({ ...deviceClass, replicas }))),
  ];
  const pool = new PoolUnits(
    [],
    beside.map((one) => ({ deviceClass: one, devicesPerNode: 1, labels: {} })),
  );
  const judged = (units: PoolUnits): readonly unknown[] =>
    [...judgeUnits(service, units)].map((severity) => bySeverity[severity]);
  const many = judged(pool);
  const alone = new PoolUnits([], [{ deviceClass, devicesPerNode: 1, labels: {} }]);
  return (
    differs('compatibility', compatibility, row.compatibility) ??
    differs('verdict', verdict, verdictOf(row.compatibility, demands.hardware.allow)) ??
    (of('deciding').includes(row.rule) ? null : `decided by ${of('deciding').join(', ')} instead of ${row.rule}`) ??
    differs('what is said', worstOf(said), compatibility) ??
    (row.warnings === undefined ? null : differs('warnings', of('warning'), row.warnings)) ??
    (row.notChecked === undefined ? null : differs('not checked', notChecked, row.notChecked)) ??
    (findings.some(({ message }) => message.includes(row.says ?? ''))
      ? null
      : differs(
          'what is said',
          findings.map(({ message }) => message),
          row.says,
        )) ??
    differs(
      'many at once',
      many,
      pool.units.map((unit) => judgeUnit(service, unit)),
    ) ??
    differs(
      'one at once',
      judged(alone),
      alone.units.map((unit) => judgeUnit(service, unit)),
    )
  );
};

export const checkCpu: Check<CpuRow> = (row) => {
  const demands = demandsOf({
    image: row.image,
    runtime: row.runtime ?? {},
    hardware: { ...row.hardware, accelerator: 'cpu' },
  });
  const features = row.features === null ? null : row.features.split(' ');
  const judged = judgeCpu(demands, { accelerator: 'cpu', arch: row.architecture, model: 'a CPU' }, { features });
  const rules = judged.findings.filter((each) => each.compatibility === row.compatibility).map(({ rule }) => rule);
  return (
    differs('compatibility', judged.compatibility, row.compatibility) ??
    (rules.includes(row.rule) ? null : `said by ${rules.join(', ')} instead of ${row.rule}`)
  );
};

export const checkRequire: Check<RequireRow> = ({ env, host, legacy, go2022, go2026 }) => {
  const requirements = requirementsOf(env);
  const answers = (['legacy', 'go-2022', 'go-2026'] as const).map(
    (checker) => checkRequirements(requirements, checker, { ...requireHost, ...host }).answer,
  );
  return differs('answers', answers, [legacy, go2022, go2026]);
};

export const checkPlacement: Check<PlacementRow> = ({ board, existing, wanted, answer }) => {
  const profiles = migBoards.find(({ pciDeviceIds }) => pciDeviceIds.includes(board ?? ''))?.profiles ?? [];
  const instances = existing
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [name = '', at] = word.split('@');
      const size = profiles.find(({ profile }) => profile === name)?.size ?? 1;
      const placement = at === undefined ? null : { start: Number(at), size };
      return { profile: name === '?' ? null : name, placement };
    });
  const placed = placeProfile(board, instances, wanted);
  return differs(
    'placement',
    placed.answer === 'fits' ? placed.start : placed.answer === 'unknown' ? '?' : 'no',
    answer,
  );
};

export const checkNode: Check<NodeRow> = (row) => {
  const asked = demandsOf({
    image:
      row.command === true
        ? null
        : {
            cuda: '12.4',
            libraries: { 'libapp.so': 'sm_80 sm_90' },
            ...(row.cpuLevel === undefined ? {} : { cpuLevel: row.cpuLevel }),
            ...row.image,
          },
    hardware: {
      devices: row.need,
      memoryGib: 10,
      sharing: ['exclusive', 'mig'],
      ...(row.instructions === undefined ? {} : { instructions: row.instructions }),
    },
  });
  const preflightMaxAgeMs = preflightMaxAgeOf(row);
  const hardware = { ...asked.hardware, ...(preflightMaxAgeMs === undefined ? {} : { preflightMaxAgeMs }) };
  const demands = { ...asked, hardware, selector: row.label === undefined ? {} : { pool: 'asked for' } };
  const facts = nodeOf(row);
  const classes = (facts.devices ?? []).slice(0, 1).map(acceleratorClassOf);
  const declared = classes.map((deviceClass) => ({
    deviceClass,
    devicesPerNode: facts.devices?.length ?? 0,
    labels: {},
  }));
  const held = row.declared === true ? { nodes: [], declared } : { nodes: [facts], declared: [] };
  const pool = { pool: 'cases', takenAtMs, sources: [], ...held };
  const judged = verifyPool(demands, pool);
  const [node] = judged.nodes;
  const [cell] = judgeEvery([demands], [pool]);
  const counted = row.label === 'another' ? 'leftOut' : row.cannotLand === true ? 'cannotLand' : row.verdict;
  return (
    differs('pool', [judged.verdict, cell?.verdict], [row.verdict, row.verdict]) ??
    (row.label === 'another'
      ? null
      : differs('node', [node?.verdict, node?.cannotLand], [row.verdict, row.cannotLand])) ??
    differs(
      'rests on declared',
      [judged.restsOnDeclared, cell?.restsOnDeclared],
      [row.declared === true, row.declared === true],
    ) ??
    (row.reason === undefined || node?.reason.startsWith(row.reason) === true
      ? null
      : differs('reason', node?.reason, row.reason)) ??
    differs('many at once', cell?.nodes[counted], 1)
  );
};

/** [board, GiB, profile]. */
const smallest: readonly (readonly [string, number, string | null])[] = [
  ['0x20B010DE', 4.75, '1g.5gb'],
  ['0x20B010DE', 4.76, '1g.10gb'],
  ['0x20B010DE', 9.626, '3g.20gb'],
  ['0x20B010DE', 39.25, '7g.40gb'],
  ['0x20B010DE', 39.26, null],
  ['0x20B210DE', 9.626, '1g.20gb'],
  ['0x20B210DE', 78.5, '7g.80gb'],
  ['0x20B210DE', 78.51, null],
  ['0x233010DE', 9.75, '1g.10gb'],
  ['0x233010DE', 39.5, '3g.40gb'],
  ['0x233010DE', 39.51, '7g.80gb'],
  ['0x233010DE', 79.26, null],
  ['0x20B710DE', 12, '2g.12gb'],
  ['0x20B710DE', 13, '4g.24gb'],
];

/** One case, with what is wrong with it under the rules as they are. */
type Case = () => string | null;

const casesOf = <Row>(name: string, rows: readonly Row[], check: Check<Row>): readonly Case[] =>
  rows.map((row) => () => {
    const wrong = check(row);
    return wrong === null ? null : `${name}: ${JSON.stringify(row)}: ${wrong}`;
  });

const cases: readonly Case[] = [
  ...casesOf('table', tableCases, ({ printed, held }) => differs('table', held(), printed)),
  ...casesOf('device', allCases, checkCase),
  ...casesOf('cpu', cpuRows, checkCpu),
  ...casesOf('require', requireRows, checkRequire),
  ...casesOf('placement', placementRows, checkPlacement),
  ...casesOf('node', nodeRows, checkNode),
  ...casesOf('smallest', smallest, ([board, gib, want]) =>
    differs('profile', smallestProfile(board, gib * 2 ** 30)?.profile ?? null, want),
  ),
];

export const caseCount = cases.length;

/** A case that does not come out right: its place among all of them, and what is wrong. */
export interface Failure {
  readonly place: number;
  readonly says: string;
}

/**
 * The first case that does not come out right, of all of them; null when all do.
 * @param tryFirst places of cases to ask before all others.
 */
export function firstFailure(tryFirst: readonly number[] = []): Failure | null {
  for (const place of new Set([...tryFirst, ...cases.keys()])) {
    const says = cases[place]?.() ?? null;
    if (says !== null) return { place, says };
  }
  return null;
}
