// Compares the named vector files and prints one JSON line of counts: what the mutation check runs on a changed tree.
import { findVectorFiles } from './vector-files.ts'

const [folder = '', ...names] = process.argv.slice(2)
const files = findVectorFiles(folder) ?? []
const counts = names.map((name) => {
  const file = files.find((candidate) => candidate.name === name)
  if (file?.suite == null) throw new Error(`there are no vectors ${name} in ${folder}`)
  const results = file.suite(file.read()).flatMap((part) => part.results)
  return { name, compared: results.length, different: results.filter(({ difference }) => difference !== null).length }
})
console.log(JSON.stringify(counts))
