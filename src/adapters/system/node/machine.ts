import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { cpuOfKernel } from '../../../core/pool/cpu-identity.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { MachineFacts } from '../../../ports/project/project.ts';

const require = createRequire(import.meta.url);

/**
 * Two machines with the same architecture and CPU model are one device class: the same kernels are chosen on both. The
 * number of cores is left out, because it moves the time that an answer takes and not the answer.
 */
export function machineFacts(): MachineFacts {
  const facts = { accelerator: 'cpu', arch: process.arch, model: cpus()[0]?.model.trim() ?? 'unknown' };
  const labelled = readIdentity();
  return {
    ...(labelled === null ? {} : { labelledClass: digestOf({ ...facts, model: labelled }) }),
    deviceClass: { digest: digestOf(facts), description: `cpu ${facts.arch} ${facts.model}` },
    runtime: { onnxruntime: installedVersion('onnxruntime-node') },
  };
}

let identity: string | null | undefined;

/** Of the first CPU; read once, since it does not change while a program runs. */
function readIdentity(): string | null {
  if (identity !== undefined) return identity;
  try {
    identity = cpuOfKernel(readFileSync('/proc/cpuinfo', 'utf8').slice(0, 4_096));
  } catch {
    identity = null;
  }
  return identity;
}

function installedVersion(name: string): string {
  const facts = require(`${name}/package.json`) as { readonly version: string };
  return facts.version;
}
