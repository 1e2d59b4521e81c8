import path from 'node:path';
import { Option } from 'commander';
import { chooseEnvironments } from '../../core/contract/choose-environment.ts';
import type { Contract, LoadedContract } from '../../core/contract/contract.ts';
import { feastSources } from '../../core/contract/feature-programs.ts';
import type { EnvironmentPolicy } from '../../core/fleet/environment/environment-record.ts';
import type { FeatureViews } from '../../core/evidence/features/feature-view.ts';
import type { Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { ContractProblem } from '../../core/contract/problem.ts';
import type { Recomputed } from '../../core/proof/recomputed.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Project } from '../../ports/project/project.ts';
import { checkEnvironment } from './check-environment.ts';
import { exitStatusOfCheck, failureOf, lockFailureOf, type CheckFailure, type CheckOutcome } from './check-outcome.ts';
import type { EnvironmentCheck } from '../verdict/evidence-lines.ts';
import { checkText } from './check-text.ts';
import type { CliCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { editedGolden } from '../../prove/golden/edited-golden.ts';
import { evaluationMisfits } from '../../prove/subjects/evaluation-fit.ts';
import { signatureMisfits } from '../../prove/subjects/signature-fit.ts';
import { reportFormats, type ReportFormat } from '../report/report.ts';

interface CheckOptions {
  readonly environment?: string;
  readonly online?: boolean;
  readonly watch?: string;
  readonly against?: string;
  readonly trust?: string;
  readonly recompute?: boolean;
  readonly format: ReportFormat;
}

export const command: CliCommand = {
  configure: (program) => {
    program
      .option('--online', 'resolve aliases and data again, instead of trusting what the lock pins')
      .option('--watch <url>', 'also ask this control plane what its watch has invalidated')
      .option(
        '--trust <file>',
        'a policy: whose evidence counts; a file outside of the repository. Who signed image and model is judged on release',
      )
      .option('--recompute', 'measure evidence again from predictions, labels, golden outputs and pinned facts')
      .option('--against <revision>', 'say what moves against the lock of this git revision, or of this file')
      .addOption(new Option('--format <format>', 'form of the answer').choices([...reportFormats]).default('text'));
  },
  examples: [
    ['plimsoll check', 'contract valid, lock in step, evidence fresh and passing: in every environment, offline'],
    ['plimsoll check --environment prod --format github', 'one environment, as annotations of a pull request'],
    [
      'plimsoll check --against origin/main --format markdown',
      'one comment for a pull request: what moves on which axis, evidence, gates, hardware',
    ],
    ['plimsoll check --trust /etc/plimsoll/policy.yaml', 'evidence counts only as the policy says: signed by its keys'],
    ['plimsoll check --recompute', 'an edited number in the lock is found where it can be computed again'],
    ['plimsoll check --watch http://127.0.0.1:7070', 'also counts what the watch has invalidated since'],
  ],
  run: async (context, input) => {
    const options = input.options as unknown as CheckOptions;
    const checked = await check(context, options);
    const { outcome } = checked;
    const text = input.json ? '' : await textIn(options.format, checked, context);
    return { exit: exitStatusOfCheck(outcome), json: outcome, text };
  },
};

/** The forms for other programs are loaded only when asked for: `check` runs on every commit. */
async function textIn(format: ReportFormat, checked: Checked, context: CliContext): Promise<string> {
  const { outcome } = checked;
  if (format === 'markdown') {
    const [{ checkComment }, { visiblePlain }] = await Promise.all([
      import('./check-comment.ts'),
      import('../../core/units/visible-text.ts'),
    ]);
    return visiblePlain(checkComment({ ...checked, nowMs: context.clock.nowMs() }));
  }
  if (format === 'text') return checkText(outcome, context.terminal.colour, context.clock.nowMs());
  const [{ reportText }, { checkReport }] = await Promise.all([
    import('../report/formats.ts'),
    import('./check-report.ts'),
  ]);
  return reportText(checkReport(outcome, context.version), format);
}

/** The outcome, and what a comment shows beside it. */
interface Checked {
  readonly outcome: CheckOutcome;
  readonly contract: Contract | null;
  readonly locked: Readonly<Record<string, LockedEnvironment>>;
}

async function check(context: CliContext, options: CheckOptions): Promise<Checked> {
  const project = (await context.project()).snapshot();
  const lockFile = relative(context.cwd, path.join(project.folder, 'plimsoll.lock'));
  const unread = {
    service: null,
    lockFile,
    lock: 'unread',
    environments: [],
    moves: null,
    failures: [],
    problems: [],
  } as const;
  try {
    const loaded = await project.contract();
    const contractFile = relative(context.cwd, loaded.file);
    return await checkReadable(context, options, project, loaded, {
      ...unread,
      contractFile,
      problems: loaded.refused ?? [],
    });
  } catch (thrown) {
    const error = asPlimsollError(thrown);
    if (error.code !== 'contract-invalid') throw thrown;
    const problems = error.details['problems'] as readonly ContractProblem[];
    const outcome = { ...unread, contractFile: problems[0]?.file ?? 'plimsoll.yaml', problems };
    return { outcome, contract: null, locked: {} };
  }
}

/** The contract is right; whatever else cannot be looked at becomes a failure beside the rest. */
async function checkReadable(
  context: CliContext,
  options: CheckOptions,
  project: Project,
  loaded: LoadedContract,
  base: CheckOutcome,
): Promise<Checked> {
  const failures: CheckFailure[] = [];
  const attempt = <T>(work: Promise<T>, as = failureOf): Promise<T | null> =>
    work.catch((thrown: unknown) => {
      const error = asPlimsollError(thrown);
      if (error.category === 'bug') throw thrown;
      failures.push(as(error));
      return null;
    });
  const names = chooseEnvironments(loaded.contract, options.environment);
  const { service } = loaded.contract;
  const lock = await attempt(project.lock(), lockFailureOf);
  const { contract } = loaded;
  if (failures.length > 0) return { outcome: { ...base, service, failures }, contract, locked: {} };
  if (contract.cost?.prices !== undefined) {
    const { readPricesFile } = await import('../../prove/files/read-prices-file.ts');
    await attempt(readPricesFile(project.folder, contract));
  }
  // Read before anything is judged: without the policy nothing is.
  const policy = options.trust === undefined ? undefined : await readTrustFile(context, options.trust, project.folder);
  const featureViews = await attempt(featureViewsOf(context, project, contract, options.online === true));
  const token = context.env['PLIMSOLL_TOKEN'];
  const watch = options.watch === undefined ? null : await import('../../prove/check/check-watch.ts');
  const view = watch === null ? null : await attempt(watch.askWatch(options.watch ?? '', token, context.signal));
  const environments: EnvironmentCheck[] = [];
  const nowMs = context.clock.nowMs();
  const sigstore = policy?.sigstoreRoot === undefined ? undefined : await context.sigstore();
  const shared = { project, loaded, lock, nowMs, featureViews, policy, sigstore };
  for (const environment of names) {
    const watched = watch?.watchedRows(view, service, environment) ?? [];
    const online = options.online === true ? context.store : null;
    const recomputed = options.recompute === true ? await attempt(recompute(context, project, environment)) : undefined;
    if (recomputed === null) continue;
    const done = await attempt(checkEnvironment({ ...shared, environment, online, watched, recomputed }));
    if (done !== null) environments.push(done);
    failures.push(...signatureMisfits(contract, lock, environment).map(failureOf));
    failures.push(...evaluationMisfits(contract, lock, environment).map(failureOf));
    failures.push(...(await editedGolden(project.folder, contract, lock, environment)).map(failureOf));
  }
  const moves = await attempt(movesAgainst(context, options.against, project.folder, lock));
  const outcome: CheckOutcome = {
    ...base,
    service,
    lock: lock === null ? 'missing' : 'present',
    environments,
    moves,
    failures,
  };
  return { outcome, contract, locked: lock?.environments ?? {} };
}

/** Null where the contract names none; a registry elsewhere is read online alone. */
async function featureViewsOf(
  context: CliContext,
  project: Project,
  contract: Contract,
  online: boolean,
): Promise<FeatureViews | null> {
  if (feastSources(contract).length === 0) return null;
  if (!online) return project.featureViews();
  const { pinFeatureViews } = await import('../../prove/pin/pin-feature-views.ts');
  const { featureViews = null } = await pinFeatureViews(project, context);
  return featureViews;
}

async function recompute(context: CliContext, project: Project, environment: string): Promise<readonly Recomputed[]> {
  const { recomputeCheckout } = await import('../../prove/recompute/recompute.ts');
  const own = await context.ownArtifacts().catch(() => null);
  return recomputeCheckout(project, environment, own === null ? null : { ...own, signal: context.signal });
}

/** Loaded only where it is asked for: `check` runs on every commit. */
async function readTrustFile(context: CliContext, file: string, folder: string): Promise<EnvironmentPolicy> {
  const { readTrustPolicy } = await import('../../prove/trust/trust-file.ts');
  return readTrustPolicy({ location: path.resolve(context.cwd, file), shown: file }, folder, context);
}

async function movesAgainst(
  context: CliContext,
  against: string | undefined,
  folder: string,
  lock: Lock | null,
): Promise<CheckOutcome['moves']> {
  if (against === undefined) return null;
  const [{ readBaseLock }, { lockMoves }] = await Promise.all([
    import('../../prove/check/base-lock.ts'),
    import('../../core/evidence/lock/lock-moves.ts'),
  ]);
  return { against, ...lockMoves(await readBaseLock(against, folder, context.cwd, context.signal), lock) };
}

function relative(from: string, to: string): string {
  const way = path.relative(from, to);
  return (way.startsWith('..') ? to : way).split(path.sep).join('/');
}
