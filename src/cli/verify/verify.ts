import path from 'node:path';
import { Option } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { PoolVerdict, ServiceDemands } from '../../core/hardware/compatibility.ts';
import { verifyPool, type PoolOptions } from '../../core/hardware/judging/judge-pool.ts';
import { diffVerdicts } from '../../core/hardware/what-if/what-if-diff.ts';
import { changePool } from '../../core/hardware/what-if/what-if-facts.ts';
import { readWhatIf, type WhatIf } from '../../core/hardware/what-if/what-if.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { visibleJson } from '../../core/units/visible-text.ts';
import type { CliCommand, CommandResult } from '../command.ts';
import { addSigningOption } from '../signing-option.ts';
import type { CliContext } from '../context.ts';
import { reportFormats } from '../report/report.ts';
import { changeDemands } from '../../prove/verify/verify-change.ts';
import type { VerifyFormat, VerifyOptions } from './verify-options.ts';
import { emitForms, type EmitForm } from './verify-emit.ts';
import { exitStatusOfVerify, verifyJson, type VerifyOutcome, type WhatIfOutcome } from '../verdict/verify-outcome.ts';
import { findPool, type FoundPool } from '../../prove/verify/verify-pools.ts';
import { recordHardware } from '../../prove/verify/verify-record.ts';
import { placeOf, readService, type ServiceInEnvironment } from '../../prove/verify/verify-service.ts';
import { verifyText } from '../verdict/verify-text.ts';

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const command: CliCommand = {
  signs: true,
  configure(command) {
    addSigningOption(command)
      .option('--pool <name or file>', 'the pool, instead of the one that the environment names', several, [])
      .option('--every [folders...]', 'all services found under these folders (default: here) against all their pools')
      .addOption(
        new Option('--format <format>', 'form of the answer').choices([...reportFormats, 'json']).default('text'),
      )
      .option(
        '--what-if <changes>',
        'on changed facts: driver=V,cuda=V, product=NAME,count=N, mig=PROFILE, image=REF',
        several,
        [],
      )
      .addOption(new Option('--emit <form>', 'print what makes a cluster keep to it, as YAML').choices([...emitForms]))
      .addOption(
        new Option('--architecture <name>', 'of nodes whose source does not tell it').choices(['amd64', 'arm64']),
      )
      .option('--trust <file>', 'a policy: image and model have to be signed as it says; asks their registries')
      .option('--dry-run', 'do not record the evidence in plimsoll.lock');
  },
  examples: [
    ['plimsoll verify --environment prod', 'will what the lock pins run on every node of the pool, and if not, why?'],
    ['plimsoll verify --what-if driver=580.95.05', 'the same after an upgrade of the driver: who breaks, who is freed'],
    ['plimsoll verify --what-if product=H200,count=8', 'the same on other devices'],
    [
      'plimsoll verify --trust /etc/plimsoll/policy.yaml',
      'also: did cosign sign image and model with a key of the policy?',
    ],
    ['plimsoll verify --emit affinity', 'node affinity that admits the compatible nodes, for a pod spec'],
    ['plimsoll verify --every services --format sarif', 'all services below a folder, for code scanning'],
  ],
  async run(context, input) {
    const options = input.options as unknown as VerifyOptions;
    const format = formatOf(input.json, options);
    if (options.every !== undefined) {
      const { verifyEvery } = await import('./verify-every.ts');
      return verifyEvery(context, { ...options, format });
    }
    return verifyOne(context, { ...options, format });
  },
};

/** @throws PlimsollError `option-invalid` (input) for two forms of one answer. */
function formatOf(json: boolean, { format, emit }: VerifyOptions): VerifyFormat {
  const other = format !== 'text' && format !== 'json';
  if (other && json) throw contradiction(`--format ${format}`, '--json');
  if (other && emit !== undefined) throw contradiction(`--format ${format}`, `--emit ${emit}`);
  return json ? 'json' : format;
}

async function verifyOne(context: CliContext, options: VerifyOptions): Promise<CommandResult> {
  if (options.pool.length > 1) throw onePool();
  const change = options.whatIf.length === 0 ? null : readWhatIf(options.whatIf);
  const environment = await context.environment();
  const service = await readService(await context.project(), environment, change?.image !== undefined);
  if (options.trust !== undefined) await requireSignedBy(context, service, options.trust);
  const section = service.loaded.contract.environments[service.environment];
  const pools = await context.pools();
  const pool = await findPool(context, pools, { name: service.environment, section }, options.pool[0]);
  const { architecture } = options;
  const stated = architecture === undefined ? {} : { architecture };
  const before = verifyPool(service.demands, pool.snapshot, stated);
  if (change !== null) {
    if (options.emit !== undefined) throw noEmit();
    const { verdict, whatIf: found } = await verifyChanged(context, service.demands, pool, before, change, stated);
    const recorded = { not: 'the facts were changed' } as const;
    const whatIf = { changes: options.whatIf, ...found };
    return present(context, options.format, { place: await place(context, service), pool, verdict, whatIf, recorded });
  }
  if (options.emit !== undefined) return emitted(service, pool, { form: options.emit, format: options.format }, stated);
  const recorded = await record(context, service, pool, before, options.dryRun === true);
  const outcome = { place: await place(context, service), pool, verdict: before, whatIf: null, recorded };
  return present(context, options.format, outcome);
}

/** Before anything is recorded: what nobody signed is not looked at further. */
async function requireSignedBy(context: CliContext, service: ServiceInEnvironment, file: string): Promise<void> {
  const [{ readTrustPolicy }, { requireSigned }] = await Promise.all([
    import('../../prove/trust/trust-file.ts'),
    import('../../prove/trust/require-signed.ts'),
  ]);
  const named = { location: path.resolve(context.cwd, file), shown: file };
  const policy = await readTrustPolicy(named, service.project.folder, context);
  const [signatures, sigstore] = [await context.artifactSignatures(), await context.sigstore()];
  await requireSigned(policy, service, { signatures, sigstore });
}

const place = (context: CliContext, { loaded }: ServiceInEnvironment) => placeOf(loaded, context.cwd);

/** Evidence is of the environment's own pool as it is, and of nothing that was asked about beside it. */
async function record(
  context: CliContext,
  service: ServiceInEnvironment,
  pool: FoundPool,
  verdict: PoolVerdict,
  dryRun: boolean,
): Promise<VerifyOutcome['recorded']> {
  if (dryRun) return { not: '--dry-run' };
  if (!pool.own) return { not: `the environment ${service.environment} does not name this pool` };
  return recordHardware(context, { service, pool, verdict });
}

async function verifyChanged(
  context: CliContext,
  demands: ServiceDemands,
  pool: FoundPool,
  before: PoolVerdict,
  change: WhatIf,
  stated: PoolOptions,
): Promise<{ readonly verdict: PoolVerdict; readonly whatIf: Omit<WhatIfOutcome, 'changes'> }> {
  const { snapshot, notes } = changePool(pool.snapshot, change);
  const verdict = verifyPool(await changeDemands(context, demands, change), snapshot, stated);
  return { verdict, whatIf: { notes, before, diff: diffVerdicts(before, verdict) } };
}

async function emitted(
  service: ServiceInEnvironment,
  pool: FoundPool,
  { form, format }: { readonly form: EmitForm; readonly format: VerifyFormat },
  stated: PoolOptions,
): Promise<CommandResult> {
  const { emit } = await import('./verify-emit.ts');
  const deviceChoice = form === 'dra' ? 'each' : 'any';
  const verdict = verifyPool(service.demands, pool.snapshot, { ...stated, deviceChoice });
  const { contract } = service.loaded;
  const { exit, yaml } = emit(form, { contract, environment: service.environment, verdict, snapshot: pool.snapshot });
  const json = { form, yaml };
  return { exit, json, text: format === 'json' ? visibleJson(JSON.stringify(json, null, 2)) : yaml };
}

async function present(context: CliContext, format: VerifyFormat, outcome: VerifyOutcome): Promise<CommandResult> {
  return { exit: exitStatusOfVerify(outcome), json: verifyJson(outcome), text: await textIn(context, format, outcome) };
}

/** The forms for other programs are loaded only when asked for. */
async function textIn(context: CliContext, format: VerifyFormat, outcome: VerifyOutcome): Promise<string> {
  if (format === 'text') return verifyText(outcome, context.terminal.colour, context.clock.nowMs());
  if (format === 'json') return visibleJson(JSON.stringify(verifyJson(outcome), null, 2));
  const [{ verifyReport }, { reportText }] = await Promise.all([
    import('./verify-report.ts'),
    import('../report/formats.ts'),
  ]);
  return reportText(verifyReport(outcome, context.version), format);
}

function onePool(): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: 'one service is verified against one pool at a time',
    next: nextStep(cliSteps, 'option-invalid/verify-every-pool'),
  });
}

function contradiction(one: string, other: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${one} and ${other} ask for two forms of one answer`,
    next: 'leave one of the two out',
  });
}

function noEmit(): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: '--emit is of the pool as it is, and --what-if changes it',
    next: 'leave one of the two out',
  });
}
