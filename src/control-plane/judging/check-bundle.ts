import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { bundledFiles } from '../../core/bundle/bundle.ts';
import { chooseEnvironment } from '../../core/contract/choose-environment.ts';
import { featurePaths } from '../../core/contract/feature-programs.ts';
import { lockMismatches, mismatchText } from '../../core/evidence/lock/lock-step.ts';
import type { LockedEnvironment, PinnedCode, PinnedModel } from '../../core/evidence/lock/lock.ts';
import { dataNames } from '../../core/evidence/present-subjects.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { lockOutOfStep } from '../../prove/subjects/released-subjects.ts';
import { codeOfBundle } from './environment-facts.ts';
import type { OwnCluster, OwnNodes } from '../../ports/nodes/own-nodes.ts';
import type { OpenedBundle } from './bundle-shelf.ts';

/** A bundle whose lock says what its files say. */
export interface PinnedBundle {
  readonly opened: OpenedBundle;
  readonly environment: string;
  readonly code: Digest;
  readonly locked: LockedEnvironment & { readonly code: PinnedCode; readonly model: PinnedModel };
}

/**
 * Contract, lock, files and model of a bundle must be of one service and say the same, and no other platform and namespace
 * than those of `nodes`, where replicas run.
 * @throws PlimsollError `bundle-of-another`, `lock-out-of-step` (refused), with every mismatch; `environment-unknown`
 *   (input); `platform-contradicted` (refused).
 */
export function requirePinned(
  opened: OpenedBundle,
  { service, environment }: { readonly service: string; readonly environment: string },
  nodes: Pick<OwnNodes, 'platform'> & { readonly cluster?: Pick<OwnCluster, 'namespace'> },
): PinnedBundle {
  const { bundle, loaded, lock } = opened;
  const { contract } = loaded;
  for (const [what, of] of [
    ['manifest', bundle.service],
    ['contract', contract.service],
  ] as const) {
    if (of !== service) throw ofAnother(`its ${what} is of the service ${of}, and ${service} is being released`);
  }
  if (bundle.environment !== environment) {
    throw ofAnother(`it was made for ${bundle.environment}, and is released to ${environment}`);
  }
  const { platform = 'local', namespace } = contract.environments[chooseEnvironment(contract, environment)] ?? {};
  if (platform !== nodes.platform) throw platformContradicted(environment, 'platform', platform, nodes.platform);
  const own = nodes.cluster?.namespace;
  if (namespace !== undefined && own !== undefined && namespace !== own)
    throw platformContradicted(environment, 'namespace', namespace, own);
  const code = codeOfBundle(opened, environment);
  const names = dataNames(loaded);
  const locked = lock.environments[environment];
  const sent = bundledFiles(bundle, 'feature').map(({ path, digest }) => [path, digest] as const);
  const features = featurePaths(contract).length === 0 ? {} : { files: Object.fromEntries(sent) };
  const mismatches = [
    ...lockMismatches({ contract, environment, lock, codeDigest: code, dataNames: names, features }).map(mismatchText),
    ...codeFileMismatches(opened, locked?.code),
  ];
  if (mismatches.length > 0) throw lockOutOfStep(mismatches);
  const { code: pinnedCode, model } = locked ?? {};
  if (locked === undefined || pinnedCode === undefined || model === undefined)
    throw lockOutOfStep(['nothing is pinned']);
  if (code === null) throw lockOutOfStep(['code: the lock does not say which image its reference stands for']);
  if (bundle.model.name !== model.name || bundle.model.digest !== model.digest) {
    throw ofAnother(`its model is not the one that its lock pins`);
  }
  return { opened, environment, code, locked: { ...locked, code: pinnedCode, model } };
}

/** People review which files the lock names, and not the digest of all of them. */
function codeFileMismatches({ bundle }: OpenedBundle, pinned: PinnedCode | undefined): readonly string[] {
  if (pinned === undefined) return [];
  const sent = new Map(bundledFiles(bundle, 'code').map(({ path, digest }) => [path, digest]));
  const named = new Map(Object.entries(pinned.files));
  return [...new Set([...named.keys(), ...sent.keys()])]
    .filter((path) => named.get(path) !== sent.get(path))
    .slice(0, mostNamedFiles)
    .map((path) => `code file ${path}: ${shownDigest(named.get(path))} -> ${shownDigest(sent.get(path))}`);
}

const mostNamedFiles = 20;
const shownDigest = (digest: Digest | undefined): string => (digest === undefined ? 'none' : shortDigest(digest));

function ofAnother(why: string): PlimsollError {
  return new PlimsollError({
    code: 'bundle-of-another',
    category: 'refused',
    message: `the bundle does not fit: ${why}`,
    next: nextStep(controlPlaneSteps, 'bundle-of-another'),
  });
}

function platformContradicted(
  environment: string,
  key: 'platform' | 'namespace',
  said: string,
  own: string,
): PlimsollError {
  const where = key === 'platform' ? 'on ' : 'in the namespace ';
  return new PlimsollError({
    code: 'platform-contradicted',
    category: 'refused',
    message: `the contract says that ${environment} runs ${where}${said}, and this control plane runs it ${where}${own}`,
    next: nextStep(controlPlaneSteps, 'platform-contradicted', { environment, key }),
    details: { environment, contract: said, controlPlane: own },
  });
}
