import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { SourcedFacts } from '../../core/pool/snapshot/pool-merge.ts';
import { requireNodeName } from '../../core/pool/node-name.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nodeFactsOfNvidiaSmi } from '../../formats/nvidia-smi-xml/node-facts-of-nvidia-smi.ts';
import { nodeFactsOfKubernetes } from '../../protocols/kubernetes-objects/node-facts-of-kubernetes.ts';
import { kubernetesObjectsOf, type KubernetesObjects } from '../../protocols/kubernetes-objects/object-list.ts';
import { readNodeFacts } from '../../schemas/pool/node-facts.ts';
import { contentOf, mostSourceBytes, type SourceContent } from './pool-source-kind.ts';
import { countProgress } from '../progress.ts';
import { withSourceFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';

/** One line for people: what a source turned out to be. */
export interface ReadSource {
  readonly source: string;
  readonly kind: string;
  /** Nodes that it tells of; null for a file that only adds to another. */
  readonly nodes: number | null;
}

export interface SourcesRead {
  readonly found: readonly SourcedFacts[];
  readonly sources: readonly ReadSource[];
  readonly notes: readonly string[];
}

interface ReadFile {
  readonly shown: string;
  readonly bytes: Uint8Array;
  readonly content: SourceContent;
}

/** Facts of every source in the order in which they were named; what each is, is told from its content. */
export async function readSources(
  context: Pick<ProvingPorts, 'clock' | 'clusterReader' | 'cwd' | 'nodeProbe' | 'signal' | 'terminal'>,
  named: readonly string[],
): Promise<SourcesRead> {
  const read: SourcesRead[] = [];
  const files: ReadFile[] = [];
  for (const shown of named) {
    if (shown === 'this-machine') read.push(await thisMachine(context));
    else if (/^cluster(?::|$)/.test(shown)) read.push(await ofCluster(context, shown));
    else files.push(await readFile(context, shown));
  }
  read.push(...files.map((file) => ofFile(file, files)));
  const found = read.flatMap((one) => one.found);
  for (const { source, facts } of found) requireNodeName(facts.name, source);
  return {
    found,
    sources: read.flatMap(({ sources }) => sources),
    notes: read.flatMap(({ notes }) => notes),
  };
}

async function thisMachine(context: Pick<ProvingPorts, 'nodeProbe' | 'signal'>): Promise<SourcesRead> {
  const { facts } = await (await context.nodeProbe()).probe(context.signal);
  return one('this-machine', 'the machine that this runs on', facts);
}

const one = (source: string, kind: string, facts: NodeFacts): SourcesRead => ({
  found: [{ source, facts }],
  sources: [{ source, kind, nodes: 1 }],
  notes: [],
});

async function ofCluster(
  context: Pick<ProvingPorts, 'clock' | 'clusterReader' | 'signal' | 'terminal'>,
  shown: string,
): Promise<SourcesRead> {
  const wanted = shown.slice('cluster:'.length);
  const read = await (
    await context.clusterReader()
  ).read({
    context: wanted === '' ? undefined : wanted,
    signal: context.signal,
    progress: countProgress(context, 'reading the cluster', 'objects'),
  });
  const nodes = kubernetesObjectsOf({ apiVersion: 'v1', kind: 'NodeList', items: read.nodes });
  const slices = kubernetesObjectsOf({ apiVersion: 'v1', kind: 'ResourceSliceList', items: read.slices });
  const objects = { nodes: nodes?.nodes ?? [], slices: slices?.slices ?? [], others: {} };
  const of = ofObjects(objects, shown, `the cluster of the context ${read.context}`, context.clock.nowMs());
  return { ...of, notes: [...read.notes, ...of.notes] };
}

function ofObjects(objects: KubernetesObjects, source: string, kind: string, takenAtMs: number | null): SourcesRead {
  const { ofLabels, ofSlices, notes } = nodeFactsOfKubernetes(objects, takenAtMs);
  const facts = [...ofLabels, ...ofSlices];
  const names = new Set(facts.map(({ name }) => name));
  return {
    found: facts.map((each) => ({ source, facts: each })),
    sources: [{ source, kind, nodes: names.size }],
    notes: notes.map((note) => `${source}: ${note}`),
  };
}

async function readFile(context: Pick<ProvingPorts, 'cwd' | 'signal' | 'terminal'>, shown: string): Promise<ReadFile> {
  const bytes = shown === '-' ? await standardInput(context) : await fileBytes(context, shown);
  return { shown, bytes, content: contentOf(bytes, shown === '-' ? 'standard input' : shown) };
}

async function standardInput(context: Pick<ProvingPorts, 'terminal'>): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(await context.terminal.readStdin());
  if (bytes.length > mostSourceBytes) throw tooLarge('standard input', bytes.length);
  if (bytes.length > 0) return bytes;
  throw new PlimsollError({
    code: 'pool-source-invalid',
    category: 'input',
    message: 'nothing came on standard input',
    next: nextStep(proveSteps, 'pool-source-invalid'),
  });
}

function fileBytes(context: Pick<ProvingPorts, 'cwd' | 'signal'>, shown: string): Promise<Uint8Array> {
  return withSourceFile({ location: path.resolve(context.cwd, shown), shown }, context.signal, (file) => {
    if (file.bytes > mostSourceBytes) throw tooLarge(shown, file.bytes);
    return file.source.read(0, file.bytes);
  });
}

function tooLarge(shown: string, bytes: number): PlimsollError {
  return new PlimsollError({
    code: 'pool-source-too-large',
    category: 'input',
    message: `${shown} has ${bytes} bytes; a source may have ${mostSourceBytes}`,
    next: 'name the source `cluster`, which is read page by page; or save the nodes as several files (kubectl get nodes -l LABEL)',
  });
}

function ofFile(file: ReadFile, all: readonly ReadFile[]): SourcesRead {
  const { shown, bytes, content } = file;
  switch (content.kind) {
    case 'node-facts':
      return one(shown, 'plimsoll probe --json', readNodeFacts(bytes, shown));
    case 'nvidia-smi-xml':
      return ofNvidiaSmi(file, all);
    case 'nvidia-smi-csv':
    case 'nvidia-smi-list':
      requireXml(file, all);
      return { found: [], sources: [{ source: shown, kind: nvidiaSmiWords[content.kind], nodes: null }], notes: [] };
    case 'kubernetes':
      return ofObjects(content.objects, shown, kubectlWords(content.objects), null);
  }
}

function kubectlWords({ nodes, slices }: KubernetesObjects): string {
  const kinds = [nodes.length > 0 || slices.length === 0 ? 'nodes' : null, slices.length > 0 ? 'resourceslices' : null];
  return `kubectl get ${kinds.filter((kind) => kind !== null).join(',')}`;
}

const nvidiaSmiWords = {
  'nvidia-smi-csv': 'nvidia-smi --query-gpu, added to the XML',
  'nvidia-smi-list': 'nvidia-smi -L, added to the XML',
} as const;

/** `gpu-07.xml`, `gpu-07.csv` and `gpu-07.list` are of the node gpu-07. */
const nodeName = (shown: string): string => path.basename(shown).replace(/\.[^.]*$/, '');

function ofNvidiaSmi({ shown, bytes }: ReadFile, all: readonly ReadFile[]): SourcesRead {
  if (shown === '-') {
    throw new PlimsollError({
      code: 'pool-source-invalid',
      category: 'input',
      message: 'the XML of nvidia-smi does not tell the name of its node, and standard input has none',
      next: 'nvidia-smi -q -x > NODE.xml, and name that file',
    });
  }
  const name = nodeName(shown);
  const beside = (kind: SourceContent['kind']): Uint8Array | undefined =>
    all.find((file) => file.content.kind === kind && nodeName(file.shown) === name)?.bytes;
  const parts = { xml: bytes, csv: beside('nvidia-smi-csv'), list: beside('nvidia-smi-list') };
  return one(shown, 'nvidia-smi -q -x', nodeFactsOfNvidiaSmi({ ...parts, name, takenAtMs: null }));
}

function requireXml({ shown }: ReadFile, all: readonly ReadFile[]): void {
  const xml = all.some((file) => file.content.kind === 'nvidia-smi-xml' && nodeName(file.shown) === nodeName(shown));
  if (xml) return;
  throw new PlimsollError({
    code: 'pool-source-invalid',
    category: 'input',
    message: `${shown} adds to the XML of nvidia-smi of the node ${nodeName(shown)}, which is not named`,
    next: `on that node: nvidia-smi -q -x > ${nodeName(shown)}.xml, and name that file too`,
  });
}
