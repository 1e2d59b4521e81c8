/** Names of `feast.types.ValueType.Enum` by their number (protos/feast/types/Value.proto of Feast 0.67). */
const names: Readonly<Record<number, string>> = Object.fromEntries(
  [
    'INVALID BYTES STRING INT32 INT64 DOUBLE FLOAT BOOL UNIX_TIMESTAMP - - BYTES_LIST STRING_LIST INT32_LIST INT64_LIST',
    'DOUBLE_LIST FLOAT_LIST BOOL_LIST UNIX_TIMESTAMP_LIST NULL MAP MAP_LIST BYTES_SET STRING_SET INT32_SET INT64_SET',
    'DOUBLE_SET FLOAT_SET BOOL_SET UNIX_TIMESTAMP_SET - - JSON JSON_LIST STRUCT STRUCT_LIST UUID TIME_UUID UUID_LIST',
    'TIME_UUID_LIST UUID_SET TIME_UUID_SET VALUE_LIST VALUE_SET DECIMAL DECIMAL_LIST DECIMAL_SET SCALAR_MAP',
    'ZONED_TIMESTAMP',
  ]
    .join(' ')
    .split(' ')
    .map((name, number) => [number, name]),
);

/** `FLOAT`; `type 60` for one that this version does not know. */
export function typeName(number: number): string {
  const name = names[number];
  return name === undefined || name === '-' ? `type ${number}` : name;
}
