const shardName = /^(.*)-(\d{5})-of-(\d{5})\.([a-z]+)$/;
const shardsAtMost = 10_000;

/**
 * The names of a model's files by the name of one: `m-00002-of-00003.gguf` stands for three, any other name for itself.
 * Each with null, because no index says how many tensors it holds.
 */
export function shardSet(name: string, ending: string): readonly (readonly [name: string, tensors: null])[] {
  const match = shardName.exec(name);
  const count = Number(match?.[3] ?? 0);
  if (match === null || match[4] !== ending || count < 1 || count > shardsAtMost) return [[name, null]];
  return Array.from({ length: count }, (_, index) => [
    `${match[1]}-${String(index + 1).padStart(5, '0')}-of-${match[3]}.${ending}`,
    null,
  ]);
}
