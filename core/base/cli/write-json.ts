import type { z } from 'zod'
import type { Terminal } from './terminal.ts'

/** The same value with every list and field readonly: nothing changes it after it is printed. */
export type Printed<T> = T extends readonly (infer Item)[]
  ? number extends T['length']
    ? readonly Printed<Item>[]
    : { readonly [K in keyof T]: Printed<T[K]> }
  : T extends object
    ? { readonly [K in keyof T]: Printed<T[K]> }
    : T

/**
 * What `--json` prints. The compiler checks the shape. A test reads every command's output through the shapes of
 * docs/json-shapes.md. At run time nothing is checked: a finished run must not fail because one number is odd.
 */
export function writeJson<S extends z.ZodType>(
  { write }: Pick<Terminal, 'write'>,
  _shape: S,
  value: Printed<z.input<S>>,
): void {
  write(JSON.stringify(value, null, 2))
}
