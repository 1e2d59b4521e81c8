import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaView, ServiceView } from '../../schemas/view/view.ts';
import type { AcceleratorPrice } from '../../core/diagnosis/report/tell-finding.ts';
import { chooseElsewhere, type ObservedService } from '../../prove/diagnosis/observe.ts';
import { observeServing } from '../../prove/diagnosis/observed-service.ts';
import type { CliContext } from '../context.ts';

/** The service that is looked at, and the replica that experiments run on. */
export interface ChosenService {
  readonly observed: ObservedService;
  readonly view: ServiceView;
  /** Null where no replica of it runs on this node. */
  readonly target: ReplicaView | null;
  /** The replica whose node and start are told: the target, else the one whose container is looked at through its server. */
  readonly looked: ReplicaView | null;
  /** Of an accelerator-hour; null where no price is known. */
  readonly price: AcceleratorPrice | null;
}

/**
 * Returns what the control plane knows of the service. @throws PlimsollError `service-unknown` (not-found),
 * `replica-unknown` (not-found), `nothing-serves` (conflict).
 */
export async function chooseService(
  context: Pick<CliContext, 'project' | 'environment' | 'operations' | 'fleet'>,
  named: string | undefined,
  replicaId: string | null,
): Promise<ChosenService> {
  const scope = named === undefined ? await scopeOfContract(context) : await scopeOfName(context, named);
  const operations = await context.operations();
  const view = await operations.view(scope.service, scope.environment);
  const replicas = view.replicas.filter(({ state }) => state === 'ready');
  if (replicas.length === 0) throw nothingServes(scope.service);
  const target =
    replicaId === null ? (replicas.find(({ pid }) => pid !== null) ?? null) : findReplica(replicas, replicaId);
  return {
    view,
    target,
    looked: target ?? chooseElsewhere(replicas) ?? null,
    observed: observeServing(scope, view.gateways, replicas),
    // An older control plane has no such answer, and a diagnosis needs none.
    price: await operations.diagnosis(scope).then(
      ({ price }) => price,
      () => null,
    ),
  };
}

interface ServiceScope {
  readonly service: string;
  readonly environment: string;
}

async function scopeOfContract(context: Pick<CliContext, 'project' | 'environment'>): Promise<ServiceScope> {
  const { contract } = await (await context.project()).contract();
  return { service: contract.service, environment: await context.environment() };
}

async function scopeOfName(context: Pick<CliContext, 'fleet'>, named: string): Promise<ServiceScope> {
  const fleet = await context.fleet();
  const found = fleet?.services.filter(({ service }) => service === named) ?? [];
  const [first, second] = found;
  if (first === undefined || second !== undefined) {
    throw new PlimsollError({
      code: 'service-unknown',
      category: 'not-found',
      message:
        second === undefined
          ? `no control plane that answers has a service ${named}`
          : `${named} runs in several environments`,
      next:
        second === undefined
          ? nextStep(cliSteps, 'service-unknown/status-every')
          : 'run it in the folder of its contract with --environment NAME',
    });
  }
  return { service: first.service, environment: first.environment };
}

function findReplica(replicas: readonly ReplicaView[], replicaId: string): ReplicaView {
  const found = replicas.find((replica) => replica.replicaId === replicaId);
  if (found !== undefined) return found;
  throw new PlimsollError({
    code: 'replica-unknown',
    category: 'not-found',
    message: `no replica ${replicaId} is ready`,
    next: nextStep(cliSteps, 'replica-unknown'),
  });
}

function nothingServes(service: string): PlimsollError {
  return new PlimsollError({
    code: 'nothing-serves',
    category: 'conflict',
    message: `no replica of ${service} is ready, so that there is nothing to look at`,
    next: nextStep(cliSteps, 'nothing-serves'),
  });
}
