import { readFileSync } from 'node:fs';
import { wholeDeviceMilli, type NodeShape, type ReplicaShape } from '../../src/core/packing/room.ts';

/**
 * Returns the nodes of a list of Alibaba's openb trace (columns sn, cpu_milli, memory_mib, gpu, model).
 *
 * Source: github.com/alibaba/clusterdata, cluster-trace-gpu-v2023.
 */
export function readNodes(file: string): readonly NodeShape[] {
  return readRows(file).map((row) => ({
    cpuMilli: readWhole(row, 'cpu_milli'),
    memoryMib: readWhole(row, 'memory_mib'),
    devices: readWhole(row, 'gpu'),
    model: row['model'] ?? '',
  }));
}

/** Returns the pods of a list of the openb trace (columns cpu_milli, memory_mib, num_gpu, gpu_milli, gpu_spec). */
export function readPods(file: string): readonly ReplicaShape[] {
  return readRows(file).map((row) => {
    const devices = readWhole(row, 'num_gpu');
    const deviceMilli = devices === 0 ? 0 : readWhole(row, 'gpu_milli');
    if (devices > 1 && deviceMilli !== wholeDeviceMilli) throw new Error(`${file}: shares of several devices`);
    const models = (row['gpu_spec'] ?? '').split('|').filter((model) => model !== '');
    return {
      cpuMilli: readWhole(row, 'cpu_milli'),
      memoryMib: readWhole(row, 'memory_mib'),
      devices,
      deviceMilli,
      models,
    };
  });
}

type Row = Readonly<Record<string, string>>;

function readRows(file: string): readonly Row[] {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

function readWhole(row: Row, name: string): number {
  const value = Number(row[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is "${row[name] ?? ''}", not a whole number`);
  return value;
}
