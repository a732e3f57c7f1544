export type KeyEncryption = 'none' | 'nacl' | 'ansible-vault' | 'fernet'

const prefixes: readonly (readonly [string, KeyEncryption])[] = [
  ['$NACL', 'nacl'],
  ['$ANSIBLE_VAULT', 'ansible-vault'],
  ['gAAAAA', 'fernet'],
]

/** The first bytes of a key file say how it is encrypted. */
export function detectEncryption(content: Uint8Array): KeyEncryption {
  const found = prefixes.find(([prefix]) => startsWith(content, prefix))
  return found === undefined ? 'none' : found[1]
}

function startsWith(content: Uint8Array, prefix: string): boolean {
  if (content.length < prefix.length) return false
  for (let i = 0; i < prefix.length; i += 1) if (content[i] !== prefix.charCodeAt(i)) return false
  return true
}
