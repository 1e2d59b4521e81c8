import { spareVariable, type SpareOrder } from '../../schemas/replica/spare-order.ts';

/**
 * Gives this process the variables and the working folder of the replica that it becomes. Only the mark of the spare stays: children
 * that the replica starts are found by it.
 */
export function becomeReplica({ env, folder }: Pick<SpareOrder, 'env' | 'folder'>): void {
  const mark = process.env[spareVariable];
  for (const name of Object.keys(process.env)) if (env[name] === undefined) Reflect.deleteProperty(process.env, name);
  for (const [name, value] of Object.entries(env)) process.env[name] = value;
  if (mark !== undefined) process.env[spareVariable] = mark;
  process.chdir(folder);
}
