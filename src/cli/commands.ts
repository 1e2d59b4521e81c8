import type { CliCommand } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Started by other commands: left out of the overview. */
  readonly hidden?: true;
  /** Loaded only when the command is named, so that `--help` stays fast. */
  readonly load: () => Promise<{ readonly command: CliCommand }>;
}

/** In the order in which a service meets them. */
export const commands: readonly CommandEntry[] = [
  { name: 'up', summary: 'run the service on this machine until Ctrl-C', load: () => import('./up/up.ts') },
  {
    name: 'init',
    summary: 'write a first contract for the service in this folder',
    load: () => import('./init/init.ts'),
  },
  { name: 'explain', summary: 'say what a key of the contract means', load: () => import('./explain/explain.ts') },
  {
    name: 'model',
    summary: 'add, list, show, alias, share and verify model versions',
    load: () => import('./model/model.ts'),
  },
  { name: 'data', summary: 'add, list, show and share data versions', load: () => import('./data/data.ts') },
  { name: 'blobs', summary: 'remove stored bytes that no record names', load: () => import('./blobs/blobs.ts') },
  {
    name: 'store',
    summary: 'back up, restore and verify the records and their blobs',
    load: () => import('./store/store.ts'),
  },
  {
    name: 'environment',
    summary: 'prices, pool, platform and policy that hold for every service of an environment',
    load: () => import('./environment/environment.ts'),
  },
  {
    name: 'secret',
    summary: 'store secrets, and grant them to services',
    load: () => import('./secret/secret.ts'),
  },
  {
    name: 'probe',
    summary: 'devices, driver, CPU and memory of this machine, or of a node by its files',
    load: () => import('./probe/probe.ts'),
  },
  {
    name: 'pool',
    summary: 'facts of the nodes that a service may land on: snapshot, show, diff, declare',
    load: () => import('./pool/pool.ts'),
  },
  {
    name: 'check',
    summary: 'contract valid, lock in step, evidence fresh and passing?',
    load: () => import('./check/check.ts'),
  },
  {
    name: 'doctor',
    summary: 'answer the six readiness questions from evidence',
    load: () => import('./doctor/doctor.ts'),
  },
  {
    name: 'inspect',
    summary: 'what an image or a model file holds that bears on hardware',
    load: () => import('./inspect/inspect.ts'),
  },
  { name: 'pin', summary: 'write what runs here into plimsoll.lock', load: () => import('./pin/pin.ts') },
  {
    name: 'verify',
    summary: 'will what the lock pins run on every node of the pool, and if not, why?',
    load: () => import('./verify/verify.ts'),
  },
  { name: 'exec', summary: 'start a program only where the contract holds', load: () => import('./exec/exec.ts') },
  { name: 'golden', summary: 'pin what the model answers to golden inputs', load: () => import('./golden/golden.ts') },
  {
    name: 'evaluate',
    summary: 'run the candidate as it will be served over a dataset, and judge the gates',
    load: () => import('./evaluate/evaluate.ts'),
  },
  {
    name: 'coldstart',
    summary: 'measure real starts of what the lock pins, and judge them against the budget',
    load: () => import('./coldstart/coldstart.ts'),
  },
  {
    name: 'capacity',
    summary: 'measure how one replica serves, and plan when the pool is full',
    load: () => import('./capacity/capacity-command.ts'),
  },
  {
    name: 'diagnose',
    summary: 'where the time of requests goes, and what starves the accelerator',
    load: () => import('./diagnose/diagnose.ts'),
  },
  {
    name: 'release',
    summary: 'release what the lock pins, if its evidence is fresh and passing',
    load: () => import('./release/release.ts'),
  },
  {
    name: 'rollback',
    summary: 'return the model or the code to where it was',
    load: () => import('./rollback/rollback.ts'),
  },
  {
    name: 'pack',
    summary: 'place replicas on nodes, with a proof of how good that is',
    load: () => import('./pack/pack.ts'),
  },
  {
    name: 'slices',
    summary: 'divide GPUs into MIG instances for services, and write what applies that',
    load: () => import('./slices/slices.ts'),
  },
  {
    name: 'scale',
    summary: 'how many replicas, why, and every decision again',
    load: () => import('./scale/scale.ts'),
  },
  {
    name: 'drift',
    summary: 'what watches the live answers, and what changed',
    load: () => import('./drift/drift.ts'),
  },
  {
    name: 'cost',
    summary: 'where the time of accelerators and cores went, by service and state',
    load: () => import('./cost/cost.ts'),
  },
  {
    name: 'labels',
    summary: 'send the truth about answers, and see what it says of the live release',
    load: () => import('./labels/labels.ts'),
  },
  {
    name: 'status',
    summary: 'what serves, on which evidence, and what comes',
    load: () => import('./status/status.ts'),
  },
  {
    name: 'service',
    summary: 'remove a service, or say whose it is',
    load: () => import('./service/service.ts'),
  },
  {
    name: 'watch',
    summary: 'who is told of alerts: try it',
    load: () => import('./watch/watch.ts'),
  },
  { name: 'history', summary: 'every release and event: who, when, why', load: () => import('./history/history.ts') },
  {
    name: 'install',
    summary: 'print what runs Plimsoll itself on Kubernetes',
    load: () => import('./install/install.ts'),
  },
  {
    name: 'uninstall',
    summary: 'remove Plimsoll itself from a cluster',
    load: () => import('./uninstall/uninstall.ts'),
  },
  { name: 'page', summary: 'a link that signs a browser in to the page', load: () => import('./page/page.ts') },
  {
    name: 'token',
    summary: 'who may ask the control plane: add, list and revoke tokens',
    load: () => import('./token/token.ts'),
  },
  {
    name: 'key',
    summary: 'keys that sign evidence: create, list and revoke',
    load: () => import('./key/key.ts'),
  },
  {
    name: 'evidence',
    summary: 'who signed and who sent each piece of evidence; sign it',
    load: () => import('./evidence/evidence.ts'),
  },
  {
    name: 'serve-model',
    summary: 'serve an ONNX model by the Open Inference Protocol',
    load: () => import('./serve-model/serve-model.ts'),
  },
  {
    name: 'gateway',
    summary: 'run the data plane of one service',
    load: () => import('./gateway/gateway.ts'),
  },
  {
    name: 'fetch-files',
    summary: 'bring files of code and model into the pod of a replica',
    hidden: true,
    load: () => import('./fetch-files/fetch-files.ts'),
  },
  {
    name: 'control-plane',
    summary: 'reconcile the releases of one service, and serve the page',
    load: () => import('./control-plane/control-plane.ts'),
  },
];
