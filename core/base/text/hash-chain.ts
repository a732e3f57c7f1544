/** What the first entry of a chain of hashes carries as the hash of the one before. */
export const hashBeforeFirst = '0'.repeat(64)
