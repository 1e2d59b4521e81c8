import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { requireNodeName } from '../../core/pool/node-name.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nodeFactsOfNvidiaSmi, type NvidiaSmiOutputs } from '../../formats/nvidia-smi-xml/node-facts-of-nvidia-smi.ts';
import { readNodeFacts } from '../../schemas/pool/node-facts.ts';
import { withSourceFile } from '../files/source-file.ts';

/** More than any of the readers takes: what is larger is refused unread. */
const mostBytes = 32 * 1024 * 1024;

type Kind = 'xml' | 'csv' | 'list' | 'node-facts';

const commandOf: Readonly<Record<Kind, string>> = {
  xml: 'nvidia-smi -q -x',
  csv: 'nvidia-smi --query-gpu',
  list: 'nvidia-smi -L',
  'node-facts': 'plimsoll probe --json',
};

interface NamedFile {
  readonly shown: string;
  readonly bytes: Uint8Array;
  readonly kind: Kind;
}

export interface FilesOfNode {
  readonly cwd: string;
  readonly name: string | undefined;
  /** How the boards are handed out, which no file tells. */
  readonly sharing: NvidiaSmiOutputs['sharing'];
  readonly signal: AbortSignal;
}

/**
 * Facts of one node from files that were written there: the XML of nvidia-smi, with its CSV and list where there are any,
 * or what `probe --json` printed.
 * @throws PlimsollError `nvidia-smi-invalid`, `node-facts-invalid`, `probe-files-unclear` (input), and what opening throws.
 */
export async function nodeFactsFromFiles(
  files: readonly string[],
  { cwd, name, sharing, signal }: FilesOfNode,
): Promise<NodeFacts> {
  const read: NamedFile[] = [];
  for (const shown of files) read.push(await readFile(path.resolve(cwd, shown), shown, signal));
  const of = (kind: Kind): NamedFile | undefined => onlyOne(read, kind);
  const [xml, csv, list, facts] = [of('xml'), of('csv'), of('list'), of('node-facts')];
  if (facts !== undefined && sharing !== undefined) {
    throw unclear(`${facts.shown} tells how devices are handed out, or why that is not known: leave --sharing out`);
  }
  if (facts !== undefined && read.length === 1) return renamed(readNodeFacts(facts.bytes, facts.shown), name);
  if (facts !== undefined)
    throw unclear(`${facts.shown} tells everything by itself, and other files are named beside it`);
  if (xml === undefined) throw unclear('none of the files is the XML of nvidia-smi -q -x, which must be there');
  const named = name ?? path.basename(xml.shown).replace(/\.[^.]*$/, '');
  requireNodeName(named, xml.shown);
  return nodeFactsOfNvidiaSmi({
    xml: xml.bytes,
    csv: csv?.bytes,
    list: list?.bytes,
    name: named,
    takenAtMs: null,
    sharing,
  });
}

const renamed = (facts: NodeFacts, name: string | undefined): NodeFacts =>
  name === undefined ? facts : { ...facts, name };

async function readFile(location: string, shown: string, signal: AbortSignal): Promise<NamedFile> {
  const bytes = await withSourceFile({ location, shown }, signal, (file) => {
    if (file.bytes > mostBytes)
      throw unclear(`${shown} has ${file.bytes} bytes, and no output of nvidia-smi is so large`);
    return file.source.read(0, file.bytes);
  });
  return { shown, bytes, kind: kindOf(bytes) };
}

/** By how it begins; PowerShell's `>` writes UTF-16, of which each second byte is zero here. */
function kindOf(bytes: Uint8Array): Kind {
  const head = [...bytes.subarray(0, 400)].filter((byte) => byte > 0 && byte < 0x80);
  const text = String.fromCodePoint(...head).trimStart();
  if (text.startsWith('<')) return 'xml';
  if (text.startsWith('{')) return 'node-facts';
  return /^(?:GPU \d|No devices)/.test(text) ? 'list' : 'csv';
}

function onlyOne(files: readonly NamedFile[], kind: Kind): NamedFile | undefined {
  const [first, second] = files.filter((file) => file.kind === kind);
  if (second === undefined) return first;
  throw unclear(
    `${first?.shown ?? ''} and ${second.shown} are both of ${commandOf[kind]}: probe reads one node at a time`,
  );
}

function unclear(message: string): PlimsollError {
  return new PlimsollError({
    code: 'probe-files-unclear',
    category: 'input',
    message,
    next: nextStep(proveSteps, 'probe-files-unclear'),
  });
}
