import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { InstalledObject } from '../../ports/serving/installation.ts';
import { waitProgress } from '../../prove/progress.ts';
import type { CliCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { readInstalledPlace } from '../installed-place.ts';

interface UninstallValues {
  readonly namespace?: string;
  readonly name?: string;
  readonly context?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export const command: CliCommand = {
  configure(uninstall) {
    uninstall
      .command('kubernetes')
      .description(
        'remove Plimsoll from a cluster: control plane, gateways, replicas, their volume, Secrets and rights',
      )
      .option('--namespace <name>', 'where it is (default: plimsoll)')
      .option('--name <name>', 'as it was installed (default: plimsoll)')
      .option('--context <name>', 'context of the kubeconfig (default: the current one)')
      .option('--dry-run', 'say what would go, and remove nothing')
      .option('--yes', 'do not ask');
  },
  examples: [
    ['plimsoll uninstall kubernetes --dry-run', 'names each object that would be removed'],
    ['plimsoll uninstall kubernetes --namespace inference --yes', 'removes all of it, records included'],
  ],
  async run(context, { options }) {
    const values = options as UninstallValues;
    const place = readInstalledPlace(values, 'plimsoll uninstall kubernetes --help');
    const uninstallation = await context.uninstallation({ ...place, context: values.context });
    const found = await uninstallation.find(context.signal);
    if (found.length === 0)
      return { exit: 0, json: { removed: [], left: [] }, text: nothing(place.name, place.namespace) };
    if (values.dryRun === true) {
      return { exit: 0, json: { removed: [], left: shown(found) }, text: `would remove:\n${linesOf(found)}` };
    }
    if (values.yes !== true) await confirm(context, place, found);
    const tell = waitProgress(context, 'these are to end:', null);
    const left = await uninstallation.remove(found, context.signal, (ending, lastedMs, atMostMs) =>
      tell(ending.map(({ kind, name }) => `${kind} ${name}`).join(', '), lastedMs, atMostMs - lastedMs),
    );
    const removed = found.filter(({ uid }) => !left.some((each) => each.uid === uid));
    const rest =
      left.length === 0
        ? `Secrets that you named yourself, such as that of --tls-secret, and the namespace stay: kubectl delete namespace ${place.namespace}`
        : `still there:\n${linesOf(left)}\nnext: plimsoll uninstall kubernetes --namespace ${place.namespace} --name ${place.name} --dry-run`;
    return {
      exit: left.length === 0 ? 0 : 3,
      json: { removed: shown(removed), left: shown(left) },
      text: `removed:\n${linesOf(removed)}\n${rest}`,
    };
  },
};

const shown = (objects: readonly InstalledObject[]): readonly { readonly kind: string; readonly name: string }[] =>
  objects.map(({ kind, name }) => ({ kind, name }));
const linesOf = (objects: readonly InstalledObject[]): string =>
  objects.map(({ kind, name }) => `  ${kind} ${name}`).join('\n');
const nothing = (name: string, namespace: string): string =>
  `nothing of the installation ${name} is in the namespace ${namespace}`;

/** @throws PlimsollError `not-confirmed` (input). */
async function confirm(
  { terminal }: Pick<CliContext, 'terminal'>,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  found: readonly InstalledObject[],
): Promise<void> {
  if (terminal.interactive) {
    terminal.note(linesOf(found));
    const question = `Remove these ${found.length} objects, and all records with them? Type the namespace:`;
    if ((await terminal.ask(question)) === namespace) return;
  }
  throw new PlimsollError({
    code: 'not-confirmed',
    category: 'input',
    message: `${name} was not removed: ${terminal.interactive ? 'the answer was another name' : 'nobody is here to confirm it'}`,
    next: nextStep(cliSteps, 'not-confirmed/uninstall-kubernetes-namespace', { namespace, name }),
  });
}
