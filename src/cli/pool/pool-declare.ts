import path from 'node:path';
import type { Command } from 'commander';
import { describeClass, type DeviceClass } from '../../core/pool/classes/device-class.ts';
import { requirePoolName } from '../../core/pool/pool-name.ts';
import type { DeclaredClass, PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { canonicalJson, shortDigest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { classOfOptions } from './pool-declare-class.ts';
import { findSnapshot } from '../../prove/pool/pool-find.ts';
import { summarizePool } from './pool-summary.ts';
import { declaredLines } from './pool-text.ts';
import { textOfLines } from '../terminal/table.ts';

export function configureDeclare(declare: Command): void {
  declare
    .description('say what would be there, for a pool that is scaled to zero; a verdict that rests on it says so')
    .argument('<name>', 'the pool')
    .option('--class <digest>', 'a class of a snapshot, by the beginning of its digest (plimsoll pool show NAME)')
    .option('--from <pool>', 'the pool, or file, that holds the class; this one by default')
    .option('--product <name>', 'as the driver names it: "NVIDIA H100 80GB HBM3"')
    .option('--capability <x.y>', 'compute capability: 9.0; by default that of the product')
    .option('--memory <size>', 'of one device: 80GiB, 81559MiB; by default that of the product')
    .option('--driver <version>', '570.148.08')
    .option('--cuda <version>', 'largest CUDA that the driver speaks: 12.8')
    .option('--brand <brand>', 'nvidia, geforce, quadro-rtx, ... in lower case')
    .option('--pci-device-id <id>', 'device and vendor: 0x233010DE')
    .option('--ecc <state>', 'on or off')
    .option('--sharing <kind>', 'exclusive, mig, mps or time-slicing; exclusive by default')
    .option(
      '--mig <profile...>',
      'profiles of the MIG instances of one board: 1g.10gb 1g.10gb 2g.20gb; none: MIG is off',
    )
    .option('--devices-per-node <count>', 'devices on one node', '1')
    .option('--label <label...>', 'labels that such a node carries, each KEY=VALUE')
    .option('--remove', 'remove the declared class that --class names, or all of them');
}

export async function runPoolDeclare(context: CliContext, input: CommandInput): Promise<CommandResult> {
  const [pool = ''] = input.args;
  requirePoolName(pool);
  const pools = await context.pools();
  const before = await pools.read(pool);
  if (input.options['remove'] === true) return remove(context, pool, before, input);
  const declared = await declaredOf(context, pool, before, input.options);
  const kept = (before?.declared ?? []).filter((one) => !sameDeclared(one, declared));
  const snapshot: PoolSnapshot = {
    ...(before ?? { pool, takenAtMs: context.clock.nowMs(), sources: [], nodes: [] }),
    declared: [...kept, declared],
  };
  const file = await pools.write(snapshot);
  const note = kept.length === (before?.declared.length ?? 0) ? 'declared' : 'declared already, now with these counts';
  return result(snapshot, path.relative(context.cwd, file), `${note}: ${describeClass(declared.deviceClass)}`);
}

async function remove(
  context: CliContext,
  pool: string,
  before: PoolSnapshot | null,
  { options }: CommandInput,
): Promise<CommandResult> {
  if (before === null || before.declared.length === 0) {
    throw problem('pool-declared-none', `no class is declared for the pool ${pool}`, `plimsoll pool show ${pool}`);
  }
  const prefix = typeof options['class'] === 'string' ? options['class'] : null;
  const removed = prefix === null ? before.declared : [oneByDigest(onlyDeclared(before), prefix, pool)];
  const classes = new Set(removed.map((one) => ('deviceClass' in one ? one.deviceClass : one)));
  const declared = before.declared.filter((one) => !classes.has(one.deviceClass));
  const snapshot = { ...before, declared };
  const file = await (await context.pools()).write(snapshot);
  return result(
    snapshot,
    path.relative(context.cwd, file),
    `removed ${before.declared.length - declared.length} of ${before.declared.length} declared classes`,
  );
}

const onlyDeclared = (snapshot: PoolSnapshot): PoolSnapshot => ({ ...snapshot, nodes: [] });

async function declaredOf(
  context: CliContext,
  pool: string,
  before: PoolSnapshot | null,
  options: CommandInput['options'],
): Promise<DeclaredClass> {
  const devicesPerNode = countOf(options['devicesPerNode']);
  const labels = labelsOf(options['label']);
  const prefix = options['class'];
  if (typeof prefix !== 'string') return { deviceClass: classOfOptions(options), devicesPerNode, labels };
  const from = typeof options['from'] === 'string' ? options['from'] : pool;
  const holder = from === pool && before !== null ? before : await findSnapshot(context, from);
  const { deviceClass } = oneByDigest(holder, prefix, from);
  const declared: DeviceClass =
    deviceClass.accelerator === 'cpu' ? deviceClass : { ...deviceClass, certainty: 'declared' };
  return { deviceClass: declared, devicesPerNode, labels };
}

/** As `pool show` prints it, with or without `sha256:`. */
function oneByDigest(snapshot: PoolSnapshot, prefix: string, pool: string) {
  const wanted = prefix.replace(/^sha256:/, '').toLowerCase();
  const { classes } = summarizePool(snapshot);
  const found = /^[0-9a-f]{4,64}$/.test(wanted)
    ? classes.filter(({ digest }) => digest.slice('sha256:'.length).startsWith(wanted))
    : [];
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const what = found.length > 1 ? `${found.length} classes of ${pool} begin` : `no class of ${pool} begins`;
  throw problem('pool-class-unknown', `${what} with ${prefix.slice(0, 80)}`, `plimsoll pool show ${pool}`);
}

const sameDeclared = (a: DeclaredClass, b: DeclaredClass): boolean =>
  canonicalJson([a.deviceClass, a.labels]) === canonicalJson([b.deviceClass, b.labels]);

function countOf(option: unknown): number {
  const count = Number(option);
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count;
  throw problem(
    'option-invalid',
    `--devices-per-node ${String(option)} is no count from 1 to 1024`,
    '--devices-per-node 8',
  );
}

function labelsOf(option: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (Array.isArray(option) ? option : []).map((given) => {
      const text = String(given);
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw problem('option-invalid', `--label ${text.slice(0, 100)} is not KEY=VALUE`, '--label pool=gpu');
    }),
  );
}

const problem = (code: string, message: string, next: string): PlimsollError =>
  new PlimsollError({ code, category: 'input', message, next });

function result(snapshot: PoolSnapshot, file: string, said: string): CommandResult {
  const { pool, declared } = snapshot;
  const { digests } = summarizePool(snapshot);
  return {
    exit: 0,
    json: { pool, file, declared, digests },
    text: textOfLines([
      said,
      ...declaredLines(snapshot),
      `digest of the classes: ${shortDigest(digests.nvidia)}`,
      `wrote ${file}`,
      'next: plimsoll verify',
    ]),
  };
}
