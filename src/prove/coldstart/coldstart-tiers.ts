import { createReadStream } from 'node:fs';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { StartTier } from '../../core/contract/contract.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CacheOutcome } from '../../ports/nodes/page-cache.ts';
import { afterFetch, measureStart, type EndedStart, type StartQuestion } from './coldstart-start.ts';
import type { Pair } from '../evaluate/evaluate-predictions.ts';
import { storeRemote } from '../artifacts/remote-model.ts';
import { parseRemoteReference } from '../artifacts/remote-reference.ts';
import type { ProvingPorts } from '../ports.ts';

export type OneStart = Omit<StartQuestion, 'platform'>;

/** How starts from a tier are made: the node is brought there before each of them. */
export interface TierStarter {
  readonly tier: StartTier;
  /** Brings the node to the tier, then starts. @throws PlimsollError `tier-unmeasurable` where the node cannot be brought there. */
  start(question: OneStart): Promise<EndedStart>;
  /** What brought it there, known after the first start. */
  readonly prepared: string;
}

/** @throws PlimsollError `tier-unmeasurable` where it is known beforehand. */
export async function openTier(
  context: Pick<
    ProvingPorts,
    | 'blobs'
    | 'clock'
    | 'env'
    | 'freshNode'
    | 'modelRegistry'
    | 'pageCache'
    | 'platform'
    | 'random'
    | 'remotePlace'
    | 'signal'
    | 'terminal'
  >,
  tier: StartTier,
  pair: Pair,
  source: string | undefined,
): Promise<TierStarter> {
  if (tier === 'fresh-node') return freshStarter(context, pair, source);
  const [platform, cache, files] = await Promise.all([context.platform(), context.pageCache(), filesOf(context, pair)]);
  let prepared = '';
  return {
    tier,
    get prepared() {
      return prepared;
    },
    async start(question) {
      const outcome =
        tier === 'memory' ? await cache.fill(files, context.signal) : await cache.drop(files, context.signal);
      prepared = preparedText(tier, outcome);
      return measureStart(context, { ...question, platform });
    },
  };
}

function preparedText(tier: StartTier, outcome: CacheOutcome): string {
  if ('refused' in outcome) throw unmeasurable(tier, outcome.refused);
  return `files of model and code ${outcome.how}`;
}

/** Paths of what a replica is laid out from, each verified. */
async function filesOf(
  context: Pick<ProvingPorts, 'blobs' | 'signal'>,
  { code, model }: Pair,
): Promise<readonly string[]> {
  const blobs = await context.blobs();
  const paths: string[] = [];
  for (const { digest } of [...model.files, ...code.files])
    paths.push(await blobs.verifiedPath(digest, context.signal));
  return [...new Set(paths)];
}

/** The model is fetched anew before each start, from where its version came; the code's files are there as its image would be. */
function freshStarter(
  context: Pick<
    ProvingPorts,
    'blobs' | 'clock' | 'env' | 'freshNode' | 'modelRegistry' | 'random' | 'remotePlace' | 'signal' | 'terminal'
  >,
  pair: Pair,
  source: string | undefined,
): TierStarter {
  const reference = source === undefined ? null : parseRemoteReference(fetchable(source), context.env);
  if (reference === null) {
    const came = source === undefined ? 'it says no source' : `it came from ${source.slice(0, 200)}, on this machine`;
    throw unmeasurable('fresh-node', `the model version is in no registry that a node could fetch it from: ${came}`);
  }
  const { clock, signal } = context;
  return {
    tier: 'fresh-node',
    prepared: `model fetched from ${source ?? ''}`,
    async start(question) {
      const node = await context.freshNode();
      try {
        const blobs = await context.blobs();
        for (const { digest } of pair.code.files) {
          await node.blobs.put(createReadStream(await blobs.verifiedPath(digest, signal)), {
            expected: digest,
            signal,
          });
        }
        const beganMs = clock.monotonicMs();
        question.tell(`fetches ${source ?? ''}`, 0);
        await fetchModel({ ...context, blobs: () => Promise.resolve(node.blobs) }, reference, pair);
        const fetchMs = clock.monotonicMs() - beganMs;
        return afterFetch(await measureStart(context, { ...question, platform: node.platform }), fetchMs);
      } finally {
        await node.remove();
      }
    },
  };
}

/** `mlflow://HOST/NAME/3`, as a version says it, is fetched as `mlflow://HOST/NAME:3`. */
const fetchable = (source: string): string =>
  source.startsWith('mlflow://') ? source.replace(/\/(\d{1,9})$/, ':$1') : source;

async function fetchModel(
  context: Pick<ProvingPorts, 'blobs' | 'clock' | 'modelRegistry' | 'remotePlace' | 'signal' | 'terminal'>,
  reference: NonNullable<ReturnType<typeof parseRemoteReference>>,
  { model }: Pair,
): Promise<void> {
  const fetched = async (): Promise<readonly { readonly path: string; readonly digest: string }[]> => {
    if (reference.kind === 's3') return storeRemote(context, await context.remotePlace(reference.location));
    const registry = await context.modelRegistry(reference);
    try {
      return await storeRemote(context, await registry.files(reference.name, reference.version ?? '', context.signal));
    } finally {
      await registry.close();
    }
  };
  const digests = new Map((await fetched()).map(({ path, digest }) => [path, digest]));
  const other = model.files.find(({ path, digest }) => digests.get(path) !== digest);
  if (other === undefined) return;
  throw new PlimsollError({
    code: 'model-moved',
    category: 'refused',
    message: `${other.path} is another file now in ${reference.location} than in ${model.name} version ${model.version}`,
    next: nextStep(proveSteps, 'model-moved/model-add', { location: reference.location, name: model.name }),
  });
}

export function unmeasurable(tier: StartTier, why: string): PlimsollError {
  return new PlimsollError({
    code: 'tier-unmeasurable',
    category: 'unavailable',
    message: `starts from ${tier} cannot be measured here: ${why}`,
    next:
      tier === 'fresh-node'
        ? nextStep(proveSteps, 'tier-unmeasurable')
        : 'measure another tier with --tier, or on a machine where it can be',
    details: { tier, why },
  });
}
