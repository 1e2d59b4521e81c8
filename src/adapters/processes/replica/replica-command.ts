import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { replicaTlsVariables } from '../../../core/contract/replica-tls.ts';
import type { Workload } from '../../../ports/serving/platform.ts';
import { childEnvironment } from '../../../core/access/child-environment.ts';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';

export interface ReplicaCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ReplicaPlace {
  readonly replicaId: string;
  readonly home: string;
  readonly host: string;
  readonly port: number;
  readonly modelFolder: string;
  /** Of the contract that the node is checked against; null where nothing asks for that. */
  readonly contractFile: string | null;
  readonly environment: string;
  /** What keeps it to the devices that it was assigned. */
  readonly deviceVariables: Readonly<Record<string, string>>;
  /** In the environment alone: command lines are for everybody to read. */
  readonly ordersToken: string;
}

/**
 * The command line of one replica.
 * @param ownCommand what `plimsoll` as first word stands for: this installation's own program and its arguments.
 * @throws PlimsollError `command-missing`, `variable-unknown` (input).
 */
export function makeReplicaCommand(
  workload: Workload,
  place: ReplicaPlace,
  ownCommand: readonly string[],
  machine: Readonly<Record<string, string | undefined>>,
  secrets: Readonly<Record<string, string>>,
): ReplicaCommand {
  const given = replicaVariables(workload, place);
  const named = { ...given, ...tlsFilesOf(secrets) };
  const words = [...workload.command, ...workload.args].map((word) => substitute(word, named));
  const [first, ...rest] = words;
  if (workload.command.length === 0 || first === undefined) throw commandMissing(workload);
  const line = first === 'plimsoll' ? [...ownCommand, ...rest] : [first, ...rest];
  const written = Object.entries(workload.env).map(([name, value]) => [name, substitute(value, named)] as const);
  // A replica depends on what the contract writes, and not on the shell from which `plimsoll up` happened to be run.
  const base = childEnvironment('replica', machine);
  const [file = '', ...args] = line;
  return {
    file,
    args,
    env: {
      ...base,
      ...Object.fromEntries(written),
      ...secrets,
      ...given,
      ...place.deviceVariables,
      [replicaEnvironment.ordersToken]: place.ordersToken,
    },
  };
}

/** The conventions of schemas/replica-environment.ts. They win over what the contract writes. */
function replicaVariables(workload: Workload, place: ReplicaPlace): Readonly<Record<string, string>> {
  const digests = Object.fromEntries(workload.model.files.map((file) => [file.path, file.digest]));
  return {
    [replicaEnvironment.replicaId]: place.replicaId,
    [replicaEnvironment.home]: place.home,
    [replicaEnvironment.host]: place.host,
    [replicaEnvironment.port]: String(place.port),
    [replicaEnvironment.modelName]: workload.model.name,
    [replicaEnvironment.modelVersion]: String(workload.model.version),
    [replicaEnvironment.modelDir]: place.modelFolder,
    [replicaEnvironment.modelFiles]: JSON.stringify(digests),
    [replicaEnvironment.environment]: place.environment,
    ...(place.contractFile === null ? {} : { [replicaEnvironment.contract]: place.contractFile }),
  };
}

/** Paths, which a command line may show, as no other secret. */
function tlsFilesOf(secrets: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = new Set<string>(Object.values(replicaTlsVariables));
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => names.has(name)));
}

/** Only names of our own are touched: `${HOME}` may be meant for a shell that the command starts. */
function substitute(text: string, given: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(PLIMSOLL_[A-Z_]*)\}/g, (_whole, name: string) => {
    const value = given[name];
    if (value !== undefined) return value;
    throw new PlimsollError({
      code: 'variable-unknown',
      category: 'input',
      message: `\`\${${name}}\` in the code section is no variable that a replica is given`,
      next: `use one of ${Object.keys(given).join(', ')}`,
    });
  });
}

function commandMissing(workload: Workload): PlimsollError {
  const image = workload.image === undefined ? '' : ` (it has the image ${workload.image})`;
  return new PlimsollError({
    code: 'command-missing',
    category: 'input',
    message: `the local platform runs \`code.command\`, and this release has none${image}`,
    next: nextStep(adapterSteps, 'command-missing/explain'),
  });
}
