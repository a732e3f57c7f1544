/**
 * Where a worker is and what Node needs to run it: beside the file that starts it, as TypeScript in the sources and as
 * JavaScript in dist/.
 */
export function workerFile(ownUrl: string, name: string): { readonly filename: string; readonly execArgv: string[] } {
  const isSource = ownUrl.endsWith('.ts')
  return {
    filename: new URL(`./${name}${isSource ? '.ts' : '.js'}`, ownUrl).href,
    execArgv: isSource ? ['--import', 'tsx'] : [],
  }
}
