import { machineFacts } from '../../adapters/system/node/machine.ts';
import { makeBundleShelf } from '../../control-plane/judging/bundle-shelf.ts';
import { readRequiredPolicies } from '../../core/fleet/environment/required-policy.ts';
import type { Judging } from '../../control-plane/judging/judging.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { ModelPlaces } from '../../ports/artifacts/model-places.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import type { OwnCluster, OwnNodes } from '../../ports/nodes/own-nodes.ts';
import type { BoundedParser } from '../../ports/process/bounded-parser.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { openArtifactSignatures } from './artifacts/open-artifact-signatures.ts';
import { openSigstore } from './trust/open-sigstore.ts';

/** A driver is upgraded seldom, and a look may start a program: evidence is judged every few seconds. */
const keptMs = 30_000;

/** This machine, which is the nodes of the local platform; looked at again when the last look is too old. */
export function openOwnNodes(probe: NodeProbe, clock: Clock, cluster?: OwnCluster): OwnNodes {
  let last: { readonly atMs: number; readonly facts: ReturnType<OwnNodes['probe']> } | null = null;
  return {
    platform: cluster === undefined ? 'local' : 'kubernetes',
    ...(cluster === undefined ? {} : { cluster }),
    machine: machineFacts,
    probe(signal) {
      if (last !== null && clock.monotonicMs() - last.atMs < keptMs) return last.facts;
      const facts = probe.probe(signal).then((probed) => probed.facts);
      last = { atMs: clock.monotonicMs(), facts };
      facts.catch(() => {
        last = null;
      });
      return facts;
    },
  };
}

/** What bundles of a state folder are judged by, on this machine. */
export async function openJudging(parts: {
  readonly blobs: Blobs;
  readonly parser: Pick<BoundedParser, 'bundle' | 'contract' | 'lock'>;
  readonly probe: NodeProbe;
  readonly clock: Clock;
  /** Null where nobody fetches models. */
  readonly fetching: ModelPlaces | null;
  /** Left out on the local platform. */
  readonly cluster?: OwnCluster | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<Judging> {
  const { blobs, parser, probe, clock, fetching, cluster, env } = parts;
  const sigstore = await openSigstore(env, process.cwd());
  const signatures = openArtifactSignatures({ env, clock });
  const requiredPolicies = readRequiredPolicies(env['PLIMSOLL_REQUIRED_POLICIES'] ?? '');
  const nodes = openOwnNodes(probe, clock, cluster);
  return { shelf: makeBundleShelf({ blobs, parser }), blobs, nodes, fetching, requiredPolicies, sigstore, signatures };
}
