import type { z } from 'zod'
import type { Terminal } from './terminal.ts'

/** The same value with every list and field readonly: what is printed is not changed any more. */
export type Printed<T> = T extends readonly (infer Item)[]
  ? number extends T['length']
    ? readonly Printed<Item>[]
    : { readonly [K in keyof T]: Printed<T[K]> }
  : T extends object
    ? { readonly [K in keyof T]: Printed<T[K]> }
    : T

/**
 * What `--json` prints. The shape is there for the compiler, and for the test that reads every command's output through
 * the shapes of docs/json-shapes.md: a run that has done its work is not lost because one number of it is odd.
 */
export function writeJson<S extends z.ZodType>(
  { write }: Pick<Terminal, 'write'>,
  _shape: S,
  value: Printed<z.input<S>>,
): void {
  write(JSON.stringify(value, null, 2))
}
