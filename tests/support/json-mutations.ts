import type { Rng } from '#core/base/random/rng'

/**
 * Broken versions of a JSON text: some still JSON with a wrong value, a missing or doubled key, some no JSON at all.
 * The same for the same random numbers.
 */
export function mutateJson(text: string, rng: Rng): string {
  const mutate = pick(mutations, rng)
  let mutated = mutate(text, rng)
  // Some damage comes in company.
  while (rng.next() < 0.25) mutated = pick(mutations, rng)(mutated, rng)
  return mutated
}

type Mutation = (text: string, rng: Rng) => string

const badNumbers = [
  '0',
  '-1',
  '-0',
  '1e400',
  '-1e400',
  '1e-400',
  '1e300',
  '1e-300',
  '99999999999999999999',
  '0.1',
  'null',
]
const badValues = [
  ...badNumbers,
  ...badNumbers.map((number) => `"${number}"`),
  'true',
  'false',
  '[]',
  '{}',
  '""',
  '" "',
  '"NaN"',
  '"Infinity"',
  '"-Infinity"',
  '"0x10"',
  '"1_000"',
  '"1,5"',
  '"\\u0000"',
  '[[[[]]]]',
  '{"__proto__":{"price":"1"}}',
]

const mutations: readonly Mutation[] = [
  (text, rng) => text.slice(0, at(text, rng)),
  (text, rng) => text.slice(at(text, rng)),
  (text, rng) => splice(text, at(text, rng), 1, ''),
  (text, rng) => splice(text, at(text, rng), 1, String.fromCharCode(Math.floor(rng.next() * 256))),
  (text, rng) =>
    splice(text, at(text, rng), 0, pick(['"', '{', '}', '[', ']', ',', ':', '\\', '-', 'e', '9', '\u2028'], rng)),
  (text, rng) => {
    const start = at(text, rng)
    const piece = text.slice(start, start + Math.floor(rng.next() * 40))
    return splice(text, at(text, rng), 0, piece)
  },
  // The last four keep the form and change what is inside: these are the ones that look right.
  (text, rng) => replaceOne(text, /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, () => pick(badNumbers, rng), rng),
  (text, rng) => replaceOne(text, /"[^"]*"(?!\s*:)|-?\d+(?:\.\d+)?|true|false|null/g, () => pick(badValues, rng), rng),
  (text, rng) =>
    replaceOne(
      text,
      /"[A-Za-z_]+"\s*:/g,
      () => `"${pick(['x', 'price', 'c', 't', 'id', 's', '__proto__'], rng)}":`,
      rng,
    ),
  (text, rng) => replaceOne(text, /"[^"]*"(?!\s*:)/g, (found) => found.slice(1, -1) || '0', rng),
]

function replaceOne(text: string, pattern: RegExp, replacement: (found: string) => string, rng: Rng): string {
  const found = [...text.matchAll(pattern)]
  if (found.length === 0) return text
  const match = pick(found, rng)
  return splice(text, match.index, match[0].length, replacement(match[0]))
}

function splice(text: string, start: number, removed: number, added: string): string {
  return text.slice(0, start) + added + text.slice(start + removed)
}

function at(text: string, rng: Rng): number {
  return Math.floor(rng.next() * (text.length + 1))
}

function pick<T>(list: readonly T[], rng: Rng): T {
  return list[Math.floor(rng.next() * list.length)]!
}
