/** The port to folders of market data: one file per asset and step. */
export interface BarFiles {
  /** Names of the files in a folder. Throws an InputError if it cannot be read. */
  list(folder: string): Promise<readonly string[]>
  /** The bytes of a text file, unpacked if its name ends in `.gz`. Throws an InputError. */
  readBytes(folder: string, name: string): Promise<Uint8Array>
  /** The columns of a Parquet file, by name, those of these names that it has. Throws an InputError. */
  readColumns(
    folder: string,
    name: string,
    columns: readonly string[],
  ): Promise<ReadonlyMap<string, readonly unknown[]>>
}
