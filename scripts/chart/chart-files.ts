import { makeInstallation, type InstallationSettings } from '../../src/adapters/kubernetes/install/installation.ts';
import { installationSettings } from '../../src/bin/open/cluster/open-installation.ts';
import { listPreparation } from '../../src/cli/install/install-preparation.ts';
import { yamlOf, type YamlValue } from '../../src/protocols/yaml-text/yaml.ts';
import type { Installation, InstallationOptions } from '../../src/ports/serving/installation.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { chartValues, chartValuesSchema } from './chart-values.ts';
import { mergeBlocks, withConditions } from './conditional-lines.ts';

/** Words that stand for values of the chart while the manifests are made. */
const placeholders: Readonly<Record<string, string>> = {
  xnamex: '.Release.Name',
  xnamespacex: '.Release.Namespace',
  ximagex: 'required "image: set that of Plimsoll by its digest, REGISTRY/NAME@sha256:..." .Values.image',
  xpullx: 'range $at, $each := .Values.imagePullSecrets }}{{ if $at }},{{ end }}{{ $each.name }}{{ end',
  xrepsecretsx: 'join "," .Values.replicaSecrets',
  xsizex: '.Values.store.size',
  xclassx: '.Values.store.storageClass',
  xblobsx: '.Values.blobs',
  xtlsx: '.Values.tlsSecret',
  xgwtlsx: '.Values.gatewayTlsSecret',
  xkedatlsx: '.Values.kedaTlsSecret',
  xreptlsx: '.Values.replicaTlsSecret',
  xidentitiesx: '.Values.identitiesSecret',
};
const gatewaysNumber = 999_331;
const sqlite = { kind: 'sqlite', size: 'xsizex', storageClass: 'xclassx' } as const;
const everything: InstallationOptions = {
  name: 'xnamex',
  namespace: 'xnamespacex',
  image: 'ximagex',
  imagePullSecrets: ['xpullx'],
  replicaSecrets: ['xrepsecretsx'],
  gateways: gatewaysNumber,
  store: sqlite,
  blobs: 'xblobsx',
  tlsSecret: 'xtlsx',
  gatewayTlsSecret: 'xgwtlsx',
  keda: true,
  kedaTlsSecret: 'xkedatlsx',
  replicaTlsSecret: 'xreptlsx',
  identitiesSecret: 'xidentitiesx',
  serviceMonitor: true,
  accountTokens: true,
  admissionPolicy: true,
};
/** Each with the options that it is off in. */
const switches: readonly (readonly [condition: string, off: (on: InstallationOptions) => InstallationOptions])[] = [
  ['.Values.imagePullSecrets', (on) => ({ ...on, imagePullSecrets: [] })],
  ['.Values.replicaSecrets', (on) => ({ ...on, replicaSecrets: [] })],
  ['.Values.blobs', (on) => ({ ...on, blobs: null })],
  ['.Values.tlsSecret', (on) => ({ ...on, tlsSecret: null })],
  ['.Values.gatewayTlsSecret', (on) => ({ ...on, gatewayTlsSecret: null })],
  ['.Values.keda', (on) => ({ ...on, keda: false })],
  ['.Values.kedaTlsSecret', (on) => ({ ...on, kedaTlsSecret: null })],
  ['.Values.replicaTlsSecret', (on) => ({ ...on, replicaTlsSecret: null })],
  ['.Values.identitiesSecret', (on) => ({ ...on, identitiesSecret: null })],
  ['.Values.serviceMonitor', (on) => ({ ...on, serviceMonitor: false })],
  ['.Values.admissionPolicy', (on) => ({ ...on, admissionPolicy: false })],
  ['.Values.serviceAccountTokens', (on) => ({ ...on, accountTokens: false })],
  [
    '.Values.store.storageClass',
    (on) => (on.store === sqlite ? { ...on, store: { ...sqlite, storageClass: null } } : on),
  ],
];

/**
 * The files of `deploy/chart`, made of the manifests that `plimsoll install kubernetes --print` prints: what it prints with
 * an option on and off differs in the lines that the template has a condition around.
 */
export function chartFiles(): Readonly<Record<string, string>> {
  const templates: Record<string, string[]> = {};
  const stores = [
    ['eq .Values.store.kind "sqlite"', everything],
    ['eq .Values.store.kind "postgresql"', { ...everything, store: { kind: 'postgresql' } }],
  ] as const;
  const [ofOne, ofOther] = stores.map(([, options]) => make(options).map((object) => documentOf(object).join('\n')));
  const both = (ofOne ?? []).filter((each) => ofOther?.includes(each));
  for (const [ofStore, options] of stores) {
    for (const object of make(options)) {
      const isOfStore = !both.includes(documentOf(object).join('\n'));
      const lines = templateOf(options, object);
      const file = `${fileOf(object)}.yaml`;
      const all = (templates[file] ??= []);
      if (isOfStore) all.push(`{{- if ${ofStore} }}`, ...lines, '{{- end }}');
      else if (options === everything) all.push(...lines);
    }
  }
  return {
    'Chart.yaml': chartText(),
    'values.yaml': chartValues(installationSettings),
    'values.schema.json': `${JSON.stringify(chartValuesSchema, null, 2)}\n`,
    'templates/NOTES.txt': notes(),
    ...Object.fromEntries(
      Object.entries(templates).map(([file, lines]) => [`templates/${file}`, `${generated}${lines.join('\n')}\n`]),
    ),
  };
}

const generated = '{{- /* Made by `npm run generate` of what `plimsoll install kubernetes --print` prints. */ -}}\n';

const make = (options: InstallationOptions): Installation => makeInstallation(options, chartSettings());

/** What each of them is given in the values beside the options. */
function chartSettings(): InstallationSettings {
  const { controlPlane, gateway } = installationSettings;
  const of = (name: string): { resources: string; pod: Readonly<Record<string, string>> } => ({
    resources: `values:${name}.resources`,
    pod: {
      // First, as the manifests have it.
      imagePullSecrets: 'values:imagePullSecrets',
      nodeSelector: `values:${name}.nodeSelector`,
      tolerations: `values:${name}.tolerations`,
    },
  });
  return { controlPlane: { ...controlPlane, ...of('controlPlane') }, gateway: { ...gateway, ...of('gateway') } };
}

function fileOf({ kind, metadata }: Installation[number]): string {
  if (kind === 'ServiceAccount' || /^(?:Cluster)?Role/.test(kind)) return 'access';
  if (kind.startsWith('ValidatingAdmission')) return 'admission';
  if (kind === 'NetworkPolicy') return 'network-policies';
  if (kind === 'ServiceMonitor') return 'service-monitors';
  if (kind === 'TriggerAuthentication') return 'keda';
  return metadata.name.replace('xnamex-', '');
}

function templateOf(options: InstallationOptions, object: Installation[number]): readonly string[] {
  const off = switches.map(([condition, change]) => {
    const same = make(change(options)).find((each) => isSame(each, object));
    return { condition, off: same === undefined ? [] : documentOf(same) };
  });
  // Around the whole of it: what another switch puts into its place is not there either.
  const needed = off.filter(({ off: lines }) => lines.length === 0).map(({ condition }) => condition);
  const changed = off.filter(({ off: lines }) => lines.length > 0);
  const lines = mergeBlocks(withConditions(documentOf(object), changed)).flatMap(withValues);
  if (needed.length === 0) return lines;
  const condition = needed.length === 1 ? needed.join('') : `and ${needed.join(' ')}`;
  return [`{{- if ${condition} }}`, ...lines, '{{- end }}'];
}

const isSame = (one: Installation[number], other: Installation[number]): boolean =>
  one.kind === other.kind && one.metadata.name === other.metadata.name;
const documentOf = (object: Installation[number]): readonly string[] => [
  '---',
  ...yamlOf(object as unknown as YamlValue).split('\n'),
];

/** A line with what the values say in the place of the words that stand for them; every such text in quotes. */
function withValues(line: string): readonly string[] {
  const [, indent = '', key = '', value] = /^(\s*)(?:- )?(\w+): "values:([\w.]+)"$/.exec(line) ?? [];
  if (value !== undefined) {
    return [
      `${indent}{{- with .Values.${value} }}`,
      `${indent}${key}: {{- toYaml . | nindent ${indent.length + 2} }}`,
      `${indent}{{- end }}`,
    ];
  }
  return [
    inQuotes(line)
      .replaceAll(/x[a-z]+x/g, (word) => placeholderOf(word))
      .replace(String(gatewaysNumber), '{{ .Values.gateways }}'),
  ];
}

const placeholderOf = (word: string): string =>
  placeholders[word] === undefined ? word : `{{ ${placeholders[word]} }}`;
const inQuotes = (line: string): string =>
  line.replace(
    /(^|: |- )([^\s"]*x(?:name|namespace|image|pull|size|class|blobs|tls|gwtls|kedatls|reptls|identities)x[^\s"]*)$/,
    '$1"$2"',
  );

function notes(): string {
  const lines = (options: InstallationOptions): readonly string[] =>
    listPreparation(options).map((line) => line.trimEnd());
  const postgresql: InstallationOptions = { ...everything, store: { kind: 'postgresql' } };
  const off = [
    ...switches.map(([condition, change]) => ({ condition, off: lines(change(postgresql)) })),
    { condition: '(eq .Values.store.kind "postgresql")', off: lines(everything) },
  ];
  const text = mergeBlocks(withConditions(lines(postgresql), off)).map((line) =>
    line.replaceAll(/x[a-z]+x/g, placeholderOf),
  );
  return `${text.join('\n')}\n`;
}

function chartText(): string {
  const { version, license } = packageJson;
  return `${yamlOf({
    apiVersion: 'v2',
    name: 'plimsoll',
    description: 'Control plane and gateways of Plimsoll, a delivery pipeline for AI inference services',
    type: 'application',
    version,
    appVersion: version,
    kubeVersion: '>=1.30.0-0',
    annotations: { license },
  })}\n`;
}
