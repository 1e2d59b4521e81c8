import path from 'node:path';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { EvidenceKind } from '../../core/evidence/kinds/table.ts';
import type { Evidence } from '../../core/evidence/lock/lock.ts';
import { makeEvidenceStatement, statementBytes } from '../../core/trust/evidence-statement.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Project } from '../../ports/project/project.ts';
import { addBundle, readFolderSignatures, writeFolderSignatures } from '../../prove/trust/sign-evidence.ts';
import { noSignatures, readBundleFile, signaturesFile } from '../../schemas/lock/lock-signatures.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { evidenceKindOf } from '../option-values.ts';

export function configureStatement(statement: Command): void {
  statement
    .description('the in-toto statement of one piece of evidence, for a program that signs it')
    .argument('<kind>', 'kind of evidence')
    .option('--out <file>', 'write its bytes there');
}

export function configureAddBundle(add: Command): void {
  add
    .description('keep a Sigstore bundle that signs one piece of evidence beside the lock')
    .argument('<kind>', 'kind of evidence that was signed')
    .argument('<file>', 'the bundle, as cosign sign-blob and cosign attest-blob write it');
}

/** The bytes are what a signature of a message has to cover: canonical JSON without a line feed. */
export async function runStatement(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const kind = evidenceKindOf(args[0] ?? '', 'evidence statement');
  const project = await context.project();
  const environment = await context.environment();
  const evidence = await requireEvidence(project, environment, kind);
  const { service } = (await project.contract()).contract;
  const statement = makeEvidenceStatement({ service, environment }, evidence);
  const text = Buffer.from(statementBytes(statement)).toString('utf8');
  const file = options['out'];
  if (typeof file !== 'string') return { exit: 0, json: statement, text };
  const how = { doing: 'writing the statement', folderMustExist: true } as const;
  await context.writeDurably(path.resolve(context.cwd, file), text, how);
  return { exit: 0, json: statement, text: `the statement of ${kind} evidence (${environment}) is in ${file}` };
}

/** Whether the bundle verifies, and whom it counts for, is what `check --trust` and releases judge. */
export async function runAddBundle(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [named = '', file = ''] = args;
  const kind = evidenceKindOf(named, 'evidence add-bundle');
  const bundle = readBundleFile(await readBundle(path.resolve(context.cwd, file), file), file);
  const project = await context.project();
  const environment = await context.environment();
  await project.changeLock(async (lock) => {
    if (lock?.environments[environment]?.evidence[kind] === undefined) throw noEvidence(environment, kind);
    const signatures = (await readFolderSignatures(project.folder)) ?? noSignatures;
    const changed = addBundle(signatures, environment, kind, bundle);
    await writeFolderSignatures(project.folder, changed, context.writeDurably);
    return lock;
  });
  const text = `the bundle of ${kind} evidence (${environment}) is in ${signaturesFile}\nnext: git add ${signaturesFile}`;
  return { exit: 0, json: { environment, kind, file }, text };
}

async function requireEvidence(project: Project, environment: string, kind: EvidenceKind): Promise<Evidence> {
  const evidence = (await project.lock())?.environments[environment]?.evidence[kind];
  if (evidence === undefined) throw noEvidence(environment, kind);
  return evidence;
}

async function readBundle(location: string, shown: string): Promise<Uint8Array> {
  return readFile(location).catch((cause: unknown) => {
    throw new PlimsollError({
      code: 'file-missing',
      category: 'input',
      message: `${shown} cannot be read`,
      next: 'cosign sign-blob --bundle FILE writes one',
      cause,
    });
  });
}

function noEvidence(environment: string, kind: EvidenceKind): PlimsollError {
  return new PlimsollError({
    code: 'nothing-to-sign',
    category: 'not-found',
    message: `plimsoll.lock holds no ${kind} evidence for ${environment}`,
    next: nextStep(cliSteps, 'nothing-to-sign'),
  });
}
