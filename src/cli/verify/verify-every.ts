import path from 'node:path';
import { chooseEnvironments } from '../../core/contract/choose-environment.ts';
import type { ServiceDemands } from '../../core/hardware/compatibility.ts';
import { judgeEvery, type EveryCell } from '../../core/hardware/judging/judge-every.ts';
import type { PoolOptions } from '../../core/hardware/judging/judge-pool.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { changePool } from '../../core/hardware/what-if/what-if-facts.ts';
import { readWhatIf, type WhatIf } from '../../core/hardware/what-if/what-if.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import { visibleJson } from '../../core/units/visible-text.ts';
import type { Pools } from '../../ports/project/pools.ts';
import type { Project } from '../../ports/project/project.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { everyReport, everyText, exitStatusOfEvery } from './verify-every-output.ts';
import { findContracts } from '../../prove/verify/find-contracts.ts';
import { findPool, isFileName } from '../../prove/verify/verify-pools.ts';
import { placeOf, readService, type ContractPlace } from '../../prove/verify/verify-service.ts';
import { changeDemands } from '../../prove/verify/verify-change.ts';
import type { EveryOutcome, VerifiedCell } from './verify-every-outcome.ts';
import type { VerifyOptions } from './verify-options.ts';

/** A service, and the pools that it is to be judged against; `problem` where it could not be read. */
interface EveryRow {
  readonly place: ContractPlace;
  readonly service: string;
  readonly environment: string;
  readonly demands: ServiceDemands | null;
  readonly problem: PlimsollError | null;
  readonly pools: readonly AskedPool[];
  /** Of its contract; none where that could not be read. */
  readonly environments: readonly string[];
}

interface AskedPool {
  readonly name: string;
  /** The same snapshot for every service that names it. */
  readonly snapshot: PoolSnapshot | null;
  readonly problem: PlimsollError | null;
}

/** All services found below the folders against all the pools that their environments name, or that were asked for. */
export async function verifyEvery(
  context: CliContext,
  options: VerifyOptions & { readonly environment?: string },
): Promise<CommandResult> {
  if (options.emit !== undefined) throw emitOfOne();
  const change = options.whatIf.length === 0 ? null : readWhatIf(options.whatIf);
  const folders = options.every === true || options.every === undefined ? ['.'] : options.every;
  const files = await findContracts(context.cwd, folders, 'plimsoll verify --every FOLDER');
  const readPool = rememberPools(context);
  const rows: EveryRow[] = [];
  for (const file of files) rows.push(...(await readRows(context, file, options, readPool)));
  requireEnvironment(rows, options.environment);
  const outcome = await judgeRows(context, rows, change, options.whatIf, architectureOf(options));
  return {
    exit: exitStatusOfEvery(outcome),
    json: outcome,
    text: await textIn(context, options.format, outcome),
  };
}

async function textIn(context: CliContext, format: VerifyOptions['format'], outcome: EveryOutcome): Promise<string> {
  if (format === 'text') return everyText(outcome, context.terminal.colour);
  if (format === 'json') return visibleJson(JSON.stringify(outcome, null, 2));
  const { reportText } = await import('../report/formats.ts');
  return reportText(everyReport(outcome, context.version), format);
}

const architectureOf = ({ architecture }: VerifyOptions): PoolOptions =>
  architecture === undefined ? {} : { architecture };

type PoolReader = (
  pools: Pools,
  project: Project,
  environment: { readonly name: string; readonly section: Parameters<typeof findPool>[2]['section'] },
  asked: string | undefined,
) => Promise<AskedPool>;

/** A snapshot of ten thousand nodes is read once for all the services of a folder. */
function rememberPools(context: CliContext): PoolReader {
  const known = new Map<string, Promise<AskedPool>>();
  return (pools, project, environment, asked) => {
    const named = asked ?? environment.section?.pool;
    const name = named ?? (environment.section?.platform === 'kubernetes' ? 'no pool' : 'this machine');
    const key =
      named !== undefined && !isFileName(named)
        ? `${project.folder} ${named}`
        : `${environment.section?.platform} ${name}`;
    const read = async (): Promise<AskedPool> => {
      try {
        const { snapshot } = await findPool(context, pools, environment, asked);
        return { name: snapshot.pool, snapshot, problem: null };
      } catch (thrown) {
        return { name, snapshot: null, problem: notABug(thrown) };
      }
    };
    const reading = known.get(key) ?? read();
    known.set(key, reading);
    return reading;
  };
}

async function readRows(
  context: CliContext,
  file: string,
  options: VerifyOptions & { readonly environment?: string },
  readPool: PoolReader,
): Promise<readonly EveryRow[]> {
  const shown = path.relative(context.cwd, file).split(path.sep).join('/');
  const place = { file: shown, line: 1 };
  const unread = { place, service: shown, environment: '', demands: null, pools: [] };
  let environments: readonly string[] = [];
  try {
    const { project, pools } = await context.projectAt(file);
    const loaded = await project.contract();
    const { contract } = loaded;
    if (contract.hardware === undefined) return [];
    environments = Object.keys(contract.environments);
    const ofHardware = await placeOf(loaded, context.cwd);
    const names = environments.filter((name) => options.environment === undefined || name === options.environment);
    const rows: EveryRow[] = [];
    for (const name of names.length === 0 ? chooseEnvironments(contract, options.environment) : names) {
      const environment = { name, section: contract.environments[name] };
      const asked: (string | undefined)[] = options.pool.length === 0 ? [undefined] : [...options.pool];
      const poolsOfRow: AskedPool[] = [];
      for (const pool of asked) poolsOfRow.push(await readPool(pools, project, environment, pool));
      const read = await readService(project, name).then(
        ({ demands }) => ({ demands, problem: null }),
        (thrown: unknown) => ({ demands: null, problem: notABug(thrown) }),
      );
      rows.push({
        place: ofHardware,
        service: contract.service,
        environment: name,
        ...read,
        pools: poolsOfRow,
        environments,
      });
    }
    return rows;
  } catch (thrown) {
    return [{ ...unread, problem: notABug(thrown), environments }];
  }
}

/**
 * An environment that no service has is a slip of the pen; one that some have is not.
 * @throws PlimsollError `environment-unknown` (input).
 */
function requireEnvironment(rows: readonly EveryRow[], asked: string | undefined): void {
  const known = [...new Set(rows.flatMap(({ environments }) => environments))].sort();
  if (asked === undefined || asked === 'all' || known.length === 0 || known.includes(asked)) return;
  throw new PlimsollError({
    code: 'environment-unknown',
    category: 'input',
    message: `no service has an environment \`${asked}\`; there are ${known.map((name) => `\`${name}\``).join(', ')}`,
    next: `use --environment ${nearest(asked, known) ?? known[0] ?? 'NAME'}`,
  });
}

function notABug(thrown: unknown): PlimsollError {
  const error = asPlimsollError(thrown);
  if (error.category === 'bug') throw thrown;
  return error;
}

async function judgeRows(
  context: CliContext,
  rows: readonly EveryRow[],
  change: WhatIf | null,
  changes: readonly string[],
  options: PoolOptions,
): Promise<EveryOutcome> {
  const pairs = rows.flatMap((row) => pairsOf(row));
  const before = judgePairs(pairs, options);
  if (change === null) return { cells: before, changes, notes: [] };
  const notes = new Set<string>();
  const changed = new Map<PoolSnapshot, PoolSnapshot>();
  const after: Pair[] = [];
  for (const pair of pairs) {
    if (!('snapshot' in pair)) after.push(pair);
    else {
      const snapshot = changed.get(pair.snapshot) ?? remember(changed, pair.snapshot, change, notes);
      after.push({ ...pair, snapshot, demands: await changeDemands(context, pair.demands, change) });
    }
  }
  const cells = judgePairs(after, options).map((cell, index) => ({ ...cell, before: before[index]?.verdict ?? null }));
  return { cells, changes, notes: [...notes] };
}

/** One cell to be: what is to be judged, or why it cannot be. */
type Pair =
  | { readonly row: RowName; readonly demands: ServiceDemands; readonly snapshot: PoolSnapshot }
  | { readonly row: RowName; readonly pool: string; readonly problem: PlimsollError | null };

function pairsOf({ demands, problem, pools, place, service, environment }: EveryRow): readonly Pair[] {
  const row: RowName = { place, service, environment };
  if (demands === null || pools.length === 0) {
    return [{ row, pool: pools[0]?.name ?? '', problem: problem ?? pools[0]?.problem ?? null }];
  }
  return pools.map((pool) =>
    pool.snapshot === null
      ? { row, pool: pool.name, problem: pool.problem }
      : { row, demands, snapshot: pool.snapshot },
  );
}

/** All services of one pool at once: the pool is brought down to its distinct devices once for all of them. */
function judgePairs(pairs: readonly Pair[], options: PoolOptions): readonly VerifiedCell[] {
  const cells: VerifiedCell[] = [];
  const bySnapshot = new Map<PoolSnapshot, { row: RowName; demands: ServiceDemands; place: number }[]>();
  pairs.forEach((pair, place) => {
    if (!('snapshot' in pair)) cells[place] = unjudged(pair.row, pair.pool, pair.problem);
    else bySnapshot.set(pair.snapshot, [...(bySnapshot.get(pair.snapshot) ?? []), { ...pair, place }]);
  });
  for (const [snapshot, asking] of bySnapshot) {
    const judged = judgeEvery(
      asking.map(({ demands }) => demands),
      [snapshot],
      options,
    );
    asking.forEach(({ row, place }, index) => {
      const cell = judged[index];
      cells[place] = cell === undefined ? unjudged(row, snapshot.pool, null) : cellOf(row, cell);
    });
  }
  return cells;
}

function remember(
  changed: Map<PoolSnapshot, PoolSnapshot>,
  snapshot: PoolSnapshot,
  change: WhatIf,
  notes: Set<string>,
): PoolSnapshot {
  const after = changePool(snapshot, change);
  for (const note of after.notes) notes.add(note);
  changed.set(snapshot, after.snapshot);
  return after.snapshot;
}

type RowName = Pick<EveryRow, 'place' | 'service' | 'environment'>;

function cellOf(row: RowName, { pool, verdict, reason, nodes, worstNodes }: EveryCell): VerifiedCell {
  const total = nodes.pass + nodes.fail + nodes.inconclusive + nodes.unknown;
  return { ...row, pool, verdict, reason, next: null, nodes: { pass: nodes.pass, total }, worstNodes, before: null };
}

/** Nothing is known of it, and unknown is never pass. */
function unjudged(row: RowName, pool: string, problem: PlimsollError | null): VerifiedCell {
  return {
    ...row,
    pool,
    verdict: 'unknown',
    reason: problem?.message ?? 'nothing was judged',
    next: problem?.next ?? null,
    nodes: null,
    worstNodes: [],
    before: null,
  };
}

function emitOfOne(): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: '--emit is of one service on one pool, and --every looks at all of them',
    next: 'leave one of the two out',
  });
}
