import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { requireArtifactName } from '../../core/registry/artifact.ts';
import { decideAliasStep, type RegistrySync } from '../../core/registry/registry-sync.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { ModelRegistry } from '../../ports/artifacts/model-registry.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { addModel } from '../../prove/artifacts/add-model.ts';
import { recordedSyncs, record, writeBackAlias } from '../../prove/artifacts/registry-sync.ts';
import { parseRemoteReference, type RemoteReference } from '../../prove/artifacts/remote-reference.ts';

interface Watched {
  readonly environment: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly there: Extract<RemoteReference, { readonly kind: 'mlflow' }>;
}

/** Follows a registered model of MLflow: versions and alias moves come over as they appear, each with its event. */
export async function runModelWatch(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [given = ''] = args;
  const there = parseRemoteReference(given, context.env);
  if (there?.kind !== 'mlflow' || there.alias !== null || there.version !== null) throw notWatched(given);
  const name = String(options['name'] ?? there.name);
  requireArtifactName('model', name);
  const aliases = (options['alias'] as readonly string[] | undefined) ?? [];
  const watched: Watched = { environment: await context.environment(), name, aliases, there };
  const everyMs = intervalOf(String(options['every']));
  for (;;) {
    const lines = await turn(context, watched, options['once'] === true);
    if (options['once'] === true)
      return { exit: 0, json: { changes: lines }, text: lines.length === 0 ? 'nothing new' : lines.join('\n') };
    for (const line of lines) context.terminal.print(line);
    await context.clock.sleep(everyMs, context.signal);
  }
}

/** One look. A registry that is out of reach costs a watch that turn and nothing else. */
async function turn(context: CliContext, watched: Watched, isOnce: boolean): Promise<readonly string[]> {
  const registry = await context.modelRegistry(watched.there);
  try {
    return [...(await bringVersions(context, watched, registry)), ...(await bringAliases(context, watched, registry))];
  } catch (thrown) {
    context.signal.throwIfAborted();
    const error = asPlimsollError(thrown);
    if (isOnce || error.category !== 'unavailable') throw thrown;
    context.terminal.note(error.message);
    return [];
  } finally {
    await registry.close();
  }
}

/** At first what the aliases mean and the newest; then everything newer than what was ever seen. */
async function bringVersions(
  context: CliContext,
  { environment, name, aliases, there }: Watched,
  registry: ModelRegistry,
): Promise<readonly string[]> {
  const syncs = await recordedSyncs(context, environment, there.location, { remoteName: there.name, name });
  const seen = new Set(syncs.filter(({ alias }) => alias === null).map(({ remote }) => remote));
  const highest = Math.max(0, ...[...seen].map(Number));
  const ready = (await registry.versions(there.name, context.signal)).filter(({ state }) => state === 'ready');
  const pointed = await registry.aliases(there.name, context.signal);
  const aimed = new Set(aliases.map((alias) => pointed[alias]));
  const newest = ready.at(-1)?.version;
  const wanted = ready.filter(
    ({ version }) =>
      !seen.has(version) && (aimed.has(version) || (highest === 0 ? version === newest : Number(version) > highest)),
  );
  const lines: string[] = [];
  for (const { version } of wanted) lines.push(await bringVersion(context, { environment, name, there }, version));
  return lines;
}

async function bringVersion(
  context: CliContext,
  { environment, name, there }: Pick<Watched, 'environment' | 'name' | 'there'>,
  version: string,
): Promise<string> {
  const source = `${there.location}/${there.name}`;
  const sync = { name, location: there.location, remoteName: there.name, alias: null, remote: version };
  try {
    const stated = { note: `seen in ${source}`.slice(0, 2_000) };
    const given = `${source}:${version}`;
    const added = await addModel(context, { environment, name, given, stated, allowPickle: false });
    const local = added.version.version;
    await record(context, environment, { ...sync, outcome: 'added', local, reason: 'a new version' });
    return `${source} version ${version} is ${name} version ${local} here`;
  } catch (thrown) {
    context.signal.throwIfAborted();
    const error = asPlimsollError(thrown);
    // What may pass is tried again; a version that is no model stays none.
    if (error.category !== 'refused' && error.category !== 'input') throw thrown;
    await record(context, environment, { ...sync, outcome: 'refused', local: null, reason: error.message });
    return `${source} version ${version} is not taken: ${error.message}`;
  }
}

async function bringAliases(
  context: CliContext,
  { environment, name, aliases, there }: Watched,
  registry: ModelRegistry,
): Promise<readonly string[]> {
  const store = await context.store();
  const lines: string[] = [];
  for (const alias of aliases) {
    const [pointed, here, syncs] = await Promise.all([
      registry.aliases(there.name, context.signal),
      store.aliases(environment, name),
      recordedSyncs(context, environment, there.location, { remoteName: there.name, name }),
    ]);
    const version = Object.hasOwn(pointed, alias) ? (pointed[alias] ?? null) : null;
    const known = syncs.findLast((sync) => sync.alias === null && sync.remote === version);
    const local = here[alias] ?? null;
    const last = syncs.findLast((sync) => sync.alias === alias) ?? null;
    const remote = version === null ? null : { version, local: known?.local ?? null };
    const sync = { name, location: there.location, remoteName: there.name, alias, remote: version };
    const step = decideAliasStep({ remote, local, last });
    if (step === 'note-in-step')
      await record(context, environment, { ...sync, outcome: 'in-step', local, reason: 'both mean the same' });
    if (step === 'follow' && (remote === null || remote.local !== null))
      lines.push(await follow(context, { environment, name, alias, from: local, to: remote?.local ?? null }, sync));
    if (step === 'both-moved') {
      const reason = 'moved on both sides: what was recorded here stands';
      await record(context, environment, { ...sync, outcome: 'both-moved', local, reason });
      lines.push(`${alias} of ${name}: ${reason}`);
    }
    if (step === 'write-back' || step === 'both-moved') {
      const from = last?.local ?? null;
      const isHopeless = last?.outcome === 'pending' && last.cause === 'from-elsewhere' && last.local === local;
      if (!isHopeless) lines.push(...(await writeBackAlias(context, environment, { name, alias, from, to: local })));
    }
  }
  return lines;
}

async function follow(
  context: CliContext,
  move: { environment: string; name: string; alias: string; from: number | null; to: number | null },
  sync: Pick<RegistrySync, 'name' | 'location' | 'remoteName' | 'alias' | 'remote'>,
): Promise<string> {
  const { environment, name, alias, from, to } = move;
  const reason = `followed ${sync.location}/${sync.remoteName}: ${alias} ${sync.remote === null ? 'was taken away' : `is at version ${sync.remote}`}`;
  await (await context.operations()).moveAlias({ environment, name, alias, from, to, reason });
  await record(context, environment, { ...sync, outcome: 'in-step', local: to, reason });
  return `${alias} of ${name}: ${from ?? 'none'} -> ${to ?? 'none'}, ${reason}`;
}

function intervalOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6}) ?(s|m|h)$/.exec(text) ?? [];
  const factors: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
  const everyMs = Number(count) * (factors[unit] ?? 0);
  if (everyMs >= 1_000 && everyMs <= 86_400_000) return everyMs;
  throw new PlimsollError({
    code: 'interval-invalid',
    category: 'input',
    message: `--every \`${text.slice(0, 50)}\` is no time from 1s to 24h`,
    next: 'write --every 30s',
  });
}

function notWatched(given: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-reference-invalid',
    category: 'input',
    message: `\`${given.slice(0, 200)}\` cannot be watched: it is no registered model of MLflow by its name alone`,
    next: nextStep(cliSteps, 'remote-reference-invalid/model-watch'),
  });
}
