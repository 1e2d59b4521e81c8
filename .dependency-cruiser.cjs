// The layer rules of ARCHITECTURE.md. `scripts/check.ts` first runs them over test/planted, where each rule must fire.
const coreOrder = [
  'units',
  'access',
  'statistics',
  'contract',
  'evaluation',
  'evidence',
  'trust',
  'contract-keys',
  'registry',
  'bundle',
  'records',
  'image',
  'pool',
  'hardware',
  'coldstart',
  'capacity',
  'cost',
  'scaling',
  'monitoring',
  'packing',
  'diagnosis',
  'rollout',
  'proof',
  'readiness',
];
const pureMath = ['@noble/hashes', 'fastest-levenshtein', '@stdlib'];
const npm = (names) => `node_modules/(?:${names.map((n) => n.replace('/', '\\/')).join('|')})(?:/|$)`;
const http = [
  'fastify',
  '@fastify',
  'fastify-type-provider-zod',
  'undici',
  'pino',
  'prom-client',
  'hdr-histogram-js',
  'zod',
];
/** What each adapter may take from npm: the software development kit of its own system, and no other's. */
const adapterPackages = {
  files: [],
  highs: ['highs'],
  'http-control': ['undici', 'zod'],
  keda: ['@grpc/grpc-js', '@grpc/proto-loader'],
  kubernetes: ['@kubernetes/client-node', 'jose'],
  mlflow: ['undici', 'zod'],
  notify: ['undici'],
  nvidia: ['koffi', 'zod'],
  oci: ['undici', 'zod'],
  oidc: ['jose', 'oauth4webapi', 'undici', 'zod'],
  onnxruntime: ['onnxruntime-node'],
  processes: ['zod'],
  prometheus: ['undici'],
  'replica-http': ['undici'],
  s3: ['aws4fetch', 'undici'],
  sigstore: ['@sigstore/bundle', '@sigstore/protobuf-specs', '@sigstore/verify'],
  sql: ['kysely', 'pg'],
  syslog: ['koffi'],
  system: ['koffi'],
  trials: ['koffi', 'zod'],
  vault: ['undici', 'zod'],
};
const at = (layer) => `^(test/planted/)?src/${layer}/`;
const page = '^(test/planted/)?dashboard/src/';
const layers = (...names) => `^(test/planted/)?src/(${names.join('|')})/`;

/** A layer may import `allowed` layers and `packages`; everything else of src or npm is an error. */
const only = (layer, allowed, packages, allowNode) => [
  {
    name: `${layer}-imports-layers`,
    severity: 'error',
    from: { path: at(layer), pathNot: '\\.test\\.ts$' },
    to: { path: '^(test/planted/)?src/', pathNot: layers(layer, ...allowed) },
  },
  {
    name: `${layer}-imports-packages`,
    severity: 'error',
    from: { path: at(layer), pathNot: '\\.test\\.ts$' },
    to: { path: 'node_modules', ...(packages.length === 0 ? {} : { pathNot: npm(packages) }) },
  },
  ...(allowNode
    ? []
    : [
        {
          name: `${layer}-has-no-io`,
          severity: 'error',
          from: { path: at(layer), pathNot: '\\.test\\.ts$' },
          to: { dependencyTypes: ['core'] },
        },
      ]),
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^node:' } },
    ...coreOrder.map((room, index) => ({
      name: `core-${room}-looks-left`,
      severity: 'error',
      from: { path: at(`core/${room}`), pathNot: '\\.test\\.ts$' },
      to: { path: at('core'), pathNot: layers(...coreOrder.slice(0, index + 1).map((left) => `core/${left}`)) },
    })),
    ...only('core', [], pureMath, false),
    ...only('schemas', ['core'], ['zod', 'yaml'], false),
    ...only('protocols', ['core', 'schemas'], [], false),
    ...only('formats', ['core', 'schemas'], ['saxes', 'hyparquet', 'hyparquet-compressors'], false),
    ...only('ports', ['core', 'schemas'], [], false),
    ...only('prove', ['core', 'schemas', 'protocols', 'formats', 'ports'], [], true),
    ...['model-server', 'gateway'].flatMap((program) =>
      only(program, ['core', 'schemas', 'protocols', 'formats', 'ports'], http, true),
    ),
    ...only('control-plane', ['core', 'schemas', 'protocols', 'formats', 'ports', 'prove'], http, true),
    ...only('cli', ['core', 'schemas', 'protocols', 'formats', 'ports', 'prove'], ['commander', 'picocolors'], true),
    {
      // One folder a command; what several of them show lies in the rooms beside them, what they do in src/prove.
      name: 'cli-commands-never-each-other',
      severity: 'error',
      from: { path: '^(?:test/planted/)?src/cli/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(test/planted/)?src/cli/[^/]+/',
        pathNot: '^(test/planted/)?src/cli/($1|follow|report|terminal|verdict)/',
      },
    },
    {
      name: 'adapters-import-layers',
      severity: 'error',
      from: { path: at('adapters'), pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(test/planted/)?src/',
        pathNot: layers('core', 'schemas', 'protocols', 'formats', 'ports', 'adapters'),
      },
    },
    {
      name: 'adapters-never-each-other',
      severity: 'error',
      from: { path: '^(?:test/planted/)?src/adapters/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test/planted/)?src/adapters/', pathNot: '^(test/planted/)?src/adapters/$1/' },
    },
    ...Object.entries(adapterPackages).map(([adapter, packages]) => ({
      name: `adapters-${adapter}-imports-packages`,
      severity: 'error',
      from: { path: at(`adapters/${adapter}`), pathNot: '\\.test\\.ts$' },
      to: { path: 'node_modules', ...(packages.length === 0 ? {} : { pathNot: npm(packages) }) },
    })),
    {
      name: 'adapters-import-what-the-table-allows',
      severity: 'error',
      from: {
        path: at('adapters'),
        pathNot: ['\\.test\\.ts$', layers(...Object.keys(adapterPackages).map((adapter) => `adapters/${adapter}`))],
      },
      to: { path: 'node_modules' },
    },
    {
      name: 'dashboard-imports-layers',
      severity: 'error',
      from: { path: page },
      to: { path: '^(test/planted/)?src/', pathNot: layers('core', 'schemas') },
    },
    {
      // The code itself would come into the page: zod with a schema. Units, what reads events, the names of metrics, the words of waivers, of requests and of what is learned, and what changes idle time are small and pure.
      name: 'dashboard-imports-types',
      severity: 'error',
      from: { path: page, pathNot: '\\.test\\.tsx?$' },
      to: {
        path: layers('core', 'schemas'),
        pathNot:
          '^src/core/(units/|records/|rollout/(judge/canary|release-ask)\\.ts$|cost/ledger/causes/find-change\\.ts$|scaling/(departure/learned|warm-pool/spares)-text\\.ts$|evidence/lock/waive[rd][^/]*\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      // Metric programs and code of a bundle are data here: only the platform starts something, as a replica. Programs start
      // in adapters, which these never import, and in what of src/prove spawns.
      name: 'control-plane-runs-nothing-of-a-bundle',
      severity: 'error',
      from: { path: at('control-plane'), pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?(child_process|cluster|vm|worker_threads)$', reachable: true },
    },
    {
      // What was judged is told in answers. Whoever reads such states elsewhere believes what somebody sent.
      name: 'judged-states-are-never-read',
      severity: 'error',
      from: { path: layers('control-plane', 'prove'), pathNot: ['\\.test\\.ts$', at('control-plane/http/routes')] },
      to: { path: '^(test/planted/)?src/schemas/http/http-evidence\\.ts$' },
    },
    {
      name: 'releases-are-judged-in-one-place',
      severity: 'error',
      from: {
        path: '^(test/planted/)?src/',
        pathNot: ['\\.test\\.ts$', at('control-plane/operations'), at('core/rollout'), at('testing')],
      },
      to: { path: '^(test/planted/)?src/core/rollout/judge-release\\.ts$' },
    },
    { name: 'bin-is-imported-by-nobody', severity: 'error', from: { pathNot: at('bin') }, to: { path: at('bin') } },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(test/planted/)?src/', pathNot: '\\.test\\.ts$|src/testing/' },
      to: { path: at('testing') },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
