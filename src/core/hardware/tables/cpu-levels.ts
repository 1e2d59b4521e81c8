import type { Source } from './source.ts';

/** A level of x86-64 by the flags of /proc/cpuinfo that it adds to the one before. */
export interface CpuLevel {
  readonly level: string;
  readonly flags: readonly string[];
  readonly source: Source;
}

const psabi: Source = {
  title: 'System V ABI, AMD64 supplement, "Micro-Architecture Levels"; flag names of the Linux kernel',
  url: 'https://gitlab.com/x86-psABIs/x86-64-ABI',
  date: '2026-11',
};

/** The kernel names SSE3 `pni`, LZCNT `abm`, LAHF `lahf_lm`; OSXSAVE shows as `xsave`. */
export const cpuLevels: readonly CpuLevel[] = [
  { level: 'x86-64-v1', flags: [], source: psabi },
  {
    level: 'x86-64-v2',
    flags: ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3'],
    source: psabi,
  },
  {
    level: 'x86-64-v3',
    flags: ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave'],
    source: psabi,
  },
  { level: 'x86-64-v4', flags: ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'], source: psabi },
];

/** How Node, Linux and OCI name one architecture. */
export const architectureNames: Readonly<Record<string, string>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  amd64: 'amd64',
  arm64: 'arm64',
  aarch64: 'arm64',
};

/** Architectures that a runtime's own package ships for on Linux; it decides where the code is a command. */
export interface RuntimePlatforms {
  readonly runtime: string;
  readonly architectures: readonly string[];
  readonly source: Source;
}

export const runtimePlatforms: readonly RuntimePlatforms[] = [
  {
    runtime: 'onnxruntime',
    architectures: ['amd64', 'arm64'],
    source: {
      title: 'npm package onnxruntime-node, bin/napi-v6/linux',
      url: 'https://www.npmjs.com/package/onnxruntime-node',
      date: '2026-11',
    },
  },
];
