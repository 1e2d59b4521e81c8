import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Installation } from '../../ports/serving/installation.ts';
import type { CliCommand } from '../command.ts';
import { yamlOf, type YamlValue } from '../../protocols/yaml-text/yaml.ts';
import { listPreparation } from './install-preparation.ts';
import { readInstallOptions, type InstallValues } from './install-options.ts';

const digest = 'sha256:…';

export const command: CliCommand = {
  configure(install) {
    install
      .command('kubernetes')
      .description('print the manifests of Plimsoll itself: control plane, gateways, rights and network policies')
      .option('--print', 'print them as YAML; with --json as a List')
      .option('--image <reference>', 'image of Plimsoll, by its digest')
      .option('--namespace <name>', 'where all of it is, replicas too (default: plimsoll)')
      .option('--name <name>', 'begins the names of all objects (default: plimsoll)')
      .option('--image-pull-secret <name...>', 'Secrets with which nodes pull images, those of replicas too')
      .option(
        '--replica-secret <name...>',
        'Secrets that replicas may have once they are granted; all others are refused',
      )
      .option('--gateways <count>', 'gateways that run side by side (default: 2)')
      .option(
        '--store <kind>',
        'sqlite: one control plane with a volume; postgresql: two with a lease (default: sqlite)',
      )
      .option('--storage <size>', 'size of the volume of SQLite (default: 10Gi)')
      .option('--storage-class <name>', 'class of that volume (default: that of the cluster)')
      .option('--blobs <url>', 's3://BUCKET/PREFIX for blobs; needed with postgresql')
      .option('--tls-secret <name>', 'Secret with tls.crt, tls.key and ca.crt: https for the control plane')
      .option(
        '--gateway-tls-secret <name>',
        'Secret with tls.crt, tls.key and ca.crt: what gateways show the control plane, and who signs it',
      )
      .option('--keda', 'open a port for the external scaler of KEDA, for contracts with `scaling.actuator: keda`')
      .option(
        '--keda-tls-secret <name>',
        'Secret with tls.crt, tls.key and ca.crt: what KEDA shows the control plane, and who signs it',
      )
      .option(
        '--replica-tls-secret <name>',
        'Secret with tls.crt, tls.key and ca.crt: what gateways and the control plane show replicas with `code.tls`',
      )
      .option('--identities-secret <name>', 'Secret with identities.yaml: identity providers whose tokens are taken')
      .option('--service-monitor', 'add ServiceMonitors for the Prometheus operator')
      .option('--service-account-tokens', 'add a ClusterRole to verify tokens of service accounts, as credentials')
      .option('--no-admission-policy', 'leave out the policies that bound which Secrets the control plane may mount');
  },
  examples: [
    [
      `plimsoll install kubernetes --print --image registry.example/plimsoll@${digest} | kubectl apply --server-side -f -`,
      'installs one control plane with SQLite on a volume, and two gateways',
    ],
    [
      `plimsoll install kubernetes --print --image registry.example/plimsoll@${digest} --store postgresql --blobs s3://models/plimsoll`,
      'prints the same with two control planes, which share a database and a bucket',
    ],
  ],
  async run(context, { options }) {
    const values = options as InstallValues;
    if (values.print !== true) throw printMissing();
    const wanted = readInstallOptions(values);
    const objects = await context.installation(wanted);
    return {
      exit: 0,
      json: { apiVersion: 'v1', kind: 'List', items: objects },
      text: [...listPreparation(wanted).map((line) => `# ${line}`), ...objects.map(documentOf)].join('\n'),
    };
  },
};

const documentOf = (object: Installation[number]): string => `---\n${yamlOf(object as unknown as YamlValue)}`;

function printMissing(): PlimsollError {
  return new PlimsollError({
    code: 'option-missing',
    category: 'input',
    message: 'this command changes nothing in a cluster, and --print is not given',
    next: nextStep(cliSteps, 'option-missing/install-kubernetes-print'),
  });
}
