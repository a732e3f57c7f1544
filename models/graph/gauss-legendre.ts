/** Nodes and weights on [-1, 1]: the roots of the Legendre polynomial by Newton's method. */
export function gaussLegendre(count: number): { readonly nodes: number[]; readonly weights: number[] } {
  const [nodes, weights]: [number[], number[]] = [[], []]
  for (let k = 0; k < count; k += 1) {
    let x = Math.cos((Math.PI * (k + 0.75)) / (count + 0.5))
    let slope = 1
    for (let round = 0; round < 100; round += 1) {
      let [before, polynomial] = [1, x]
      for (let n = 2; n <= count; n += 1) {
        ;[before, polynomial] = [polynomial, ((2 * n - 1) * x * polynomial - (n - 1) * before) / n]
      }
      slope = (count * (x * polynomial - before)) / (x * x - 1)
      const move = polynomial / slope
      x -= move
      if (Math.abs(move) < 1e-16) break
    }
    nodes.push(x)
    weights.push(2 / ((1 - x * x) * slope * slope))
  }
  return { nodes, weights }
}
