import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { effectiveScaling } from '../../core/contract/defaults.ts';
import type { NamedNode, NamedReplicas } from '../../core/packing/named/named-task.ts';
import { applyRules, countHeadroom, keepPrevious } from '../../core/packing/named/plan-rules.ts';
import { makePoolTask, type PackedService, type PoolTask } from '../../core/packing/named/pool-task.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readNodeRows, readReplicaRows } from '../../prove/packing/read-packing-rows.ts';
import { findSnapshot } from '../../prove/pool/pool-find.ts';
import { findContracts } from '../../prove/verify/find-contracts.ts';
import { readService } from '../../prove/verify/verify-service.ts';
import type { CliContext } from '../context.ts';

export interface TaskOptions {
  readonly nodes?: string;
  readonly replicas?: string;
  readonly pool?: string;
  readonly services?: readonly string[];
  readonly count: 'min' | 'max';
  readonly environment?: string;
  readonly perNode?: string;
  readonly headroom?: string;
  readonly keepPrevious?: boolean;
}

/**
 * Returns what is to be planned: lists of nodes and replicas, or a pool and the contracts below folders.
 * @throws PlimsollError `option-missing` (input); as the readers of what is named.
 */
export async function readPackTask(context: CliContext, options: TaskOptions): Promise<PoolTask> {
  const { nodes, replicas, notes } = await readListed(context, options);
  const headroomDevices = options.headroom === undefined ? 0 : countHeadroom(options.headroom, nodes);
  if (headroomDevices === null) throw headroomInvalid(options.headroom ?? '');
  const rules = { headroomDevices, perNode: options.perNode === undefined ? null : readPerNode(options.perNode) };
  const kept =
    options.keepPrevious === true ? replicas.flatMap((row) => [row, keepPrevious(row, row.count)]) : replicas;
  return { nodes, replicas: applyRules(nodes, kept, rules), notes };
}

function readPerNode(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new PlimsollError({
    code: 'per-node-invalid',
    category: 'input',
    message: `--per-node: "${text.slice(0, 40)}" is no number of replicas`,
    next: '--per-node 1',
  });
}

const headroomInvalid = (text: string): PlimsollError =>
  new PlimsollError({
    code: 'headroom-invalid',
    category: 'input',
    message: `--headroom: "${text.slice(0, 40)}" is no number of devices and no share of them`,
    next: '--headroom 2, or --headroom 5%',
  });

async function readListed(context: CliContext, options: TaskOptions): Promise<PoolTask> {
  const { nodes, replicas, pool, services } = options;
  if (pool !== undefined && services !== undefined) return readPool(context, pool, services, options);
  if (nodes !== undefined && replicas !== undefined) {
    const [rows, asked]: [readonly NamedNode[], readonly NamedReplicas[]] = await Promise.all([
      readNodeRows(context, nodes),
      readReplicaRows(context, replicas),
    ]);
    return { nodes: rows, replicas: asked, notes: [] };
  }
  throw optionMissing(options);
}

const partners = [
  ['pool', 'services'],
  ['services', 'pool'],
  ['nodes', 'replicas'],
  ['replicas', 'nodes'],
] as const;

function optionMissing(options: TaskOptions): PlimsollError {
  const alone = partners.find(([given]) => options[given] !== undefined);
  return new PlimsollError({
    code: 'option-missing',
    category: 'input',
    message: alone === undefined ? 'nothing to plan is named' : `--${alone[0]} needs --${alone[1]}`,
    next: nextStep(cliSteps, 'option-missing/pack-pool'),
  });
}

async function readPool(
  context: CliContext,
  pool: string,
  folders: readonly string[],
  { count, environment }: TaskOptions,
): Promise<PoolTask> {
  const files = await findContracts(context.cwd, folders, 'plimsoll pack --pool NAME --services FOLDER');
  const services: PackedService[] = [];
  const left: string[] = [];
  let pools: Pick<CliContext, 'pools'> | null = null;
  for (const file of files) {
    const { project, pools: own } = await context.projectAt(file);
    pools ??= { pools: async () => own };
    const { contract } = await project.contract();
    const names = Object.keys(contract.environments).filter(
      (name) => environment === undefined || name === environment,
    );
    for (const name of names) {
      if (contract.hardware === undefined)
        left.push(`${contract.service} is left out: its contract does not write hardware`);
      else {
        const { demands } = await readService(project, name);
        services.push({ demands, replicas: effectiveScaling(contract).replicas[count] });
      }
    }
  }
  const snapshot = await findSnapshot({ ...context, ...pools }, pool);
  const task = makePoolTask(services, snapshot);
  return { ...task, notes: [...left, ...task.notes] };
}
