/** The types of a metadata, each written once and named by its place in the list. */
export class TypeTable {
  readonly #types: { id: number; type: object }[] = []
  readonly #known = new Map<string, number>()

  get types(): readonly object[] {
    return this.#types
  }

  primitive(name: 'Bool' | 'Str' | `${'U' | 'I'}${8 | 16 | 32 | 64 | 128}`): number {
    return this.#add({ primitive: name })
  }

  compact(type: number): number {
    return this.#add({ compact: { type } })
  }

  sequence(type: number): number {
    return this.#add({ sequence: { type } })
  }

  array(type: number, len: number): number {
    return this.#add({ array: { len, type } })
  }

  tuple(...types: number[]): number {
    return this.#add({ tuple: types })
  }

  /** A composite whose fields have names, or one unnamed field. The path tells the client of types it knows. */
  composite(
    path: string,
    fields: Readonly<Record<string, number>> | number,
    params: Readonly<Record<string, number>> = {},
  ): number {
    return this.#add({ composite: { fields: fieldsOf(fields) } }, path, params)
  }

  /** Cases in their order, or each with an index of its own. */
  variant(
    path: string,
    cases: readonly {
      readonly name: string
      readonly fields?: Readonly<Record<string, number>> | number
      readonly index?: number
    }[],
    params: Readonly<Record<string, number>> = {},
  ): number {
    const variants = cases.map(({ name, fields = {}, index }, i) => ({
      name,
      fields: fieldsOf(fields),
      index: index ?? i,
      docs: [],
    }))
    return this.#add({ variant: { variants } }, path, params)
  }

  option(type: number): number {
    return this.variant('Option', [{ name: 'None' }, { name: 'Some', fields: type }], { T: type })
  }

  #add(def: object, path = '', params: Readonly<Record<string, number>> = {}): number {
    const type = {
      path: path === '' ? [] : path.split('::'),
      params: Object.entries(params).map(([name, of]) => ({ name, type: of })),
      def,
      docs: [],
    }
    const text = JSON.stringify(type)
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const id = this.#types.length
    this.#types.push({ id, type })
    this.#known.set(text, id)
    return id
  }
}

function fieldsOf(fields: Readonly<Record<string, number>> | number): object[] {
  if (typeof fields === 'number') return [{ name: null, type: fields, typeName: null, docs: [] }]
  return Object.entries(fields).map(([name, type]) => ({ name, type, typeName: null, docs: [] }))
}
