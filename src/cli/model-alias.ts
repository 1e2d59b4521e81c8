import { requireAlias } from '../core/registry/artifact.ts';
import { signatureCompatibility } from '../core/registry/signature-compatibility.ts';
import type { Judgement } from '../core/units/verdict.ts';
import type { CommandInput, CommandResult } from './command.ts';
import type { CliContext } from './context.ts';
import { resolveModel } from './registry-reference.ts';

export interface AliasChange {
  readonly alias: string;
  readonly from: number | null;
  readonly to: number | null;
  /** False when the alias was there already. */
  readonly moved: boolean;
  /** Whether callers of the version that it leaves could go on; null where it leaves or reaches none. */
  readonly compatibility: Judgement | null;
}

/** Moves an alias from wherever it is. @throws PlimsollError `alias-moved` (conflict) when somebody else moved it meanwhile. */
export async function moveAlias(
  context: CliContext,
  environment: string,
  request: { readonly name: string; readonly alias: string; readonly to: number | null; readonly reason: string },
): Promise<AliasChange> {
  const { name, alias, to, reason } = request;
  requireAlias(alias);
  const store = await context.store();
  const from = (await store.aliases(environment, name))[alias] ?? null;
  if (from === to) return { alias, from, to, moved: false, compatibility: null };
  const [before, after] = await Promise.all(
    [from, to].map((version) => (version === null ? null : store.modelVersion(environment, name, version))),
  );
  await (await context.operations()).moveAlias({ environment, name, alias, from, to, reason });
  const compatibility = before && after ? signatureCompatibility(before.signature, after.signature) : null;
  return { alias, from, to, moved: true, compatibility };
}

export async function runModelAlias(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [name = '', alias = '', version = ''] = args;
  const environment = await context.environment();
  const store = await context.store();
  const target =
    version === 'none'
      ? (await resolveModel(store, environment, name), null)
      : await resolveModel(store, environment, `${name}:${version}`);
  const reason = String(options['reason']);
  const change = await moveAlias(context, environment, { name, alias, to: target?.version ?? null, reason });
  return { exit: 0, json: { environment, name, reason, ...change }, text: aliasLines(name, change).join('\n') };
}

export function aliasLines(name: string, { alias, from, to, moved, compatibility }: AliasChange): readonly string[] {
  const at = (version: number | null): string => (version === null ? 'none' : `version ${version}`);
  if (!moved) return [`${alias} of ${name} is at ${at(to)} already`];
  const broken = compatibility?.verdict === 'fail' ? compatibility.reasons : [];
  return [
    `${alias} of ${name}: ${at(from)} -> ${at(to)}`,
    ...(broken.length === 0
      ? []
      : [`callers of version ${from} could not go on with it, so that a release would be refused:`]),
    ...broken.map((reason) => `  ${reason}`),
  ];
}
