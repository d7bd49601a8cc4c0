import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findHelm, helm, NO_HELM, releaseOf } from './helm.ts'

// Lints every chart and renders it twice. The same values must give the same bytes, or tools that compare the output would always see
// changes.
const root = join(import.meta.dirname, '..')
const program = findHelm()
if (program === undefined) console.log(NO_HELM)
else process.exitCode = (await check(program)) ? 0 : 1

async function check(program: string): Promise<boolean> {
  const folders = globSync('charts/*/values.schema.json', { cwd: root }).map(dirname).sort()
  const problems = (await Promise.all(folders.map(folder => problemOf(program, folder)))).filter(Boolean)
  for (const problem of problems) console.error(problem)
  return problems.length === 0
}

async function problemOf(program: string, folder: string): Promise<string | undefined> {
  const chart = join(root, folder)
  const render = () => helm(program, 'template', releaseOf(basename(folder)), chart)
  try {
    await helm(program, 'lint', '--strict', '--quiet', chart)
    const [one, other] = [await render(), await render()]
    if (one !== other) return `${folder} renders differently each time`
  } catch (error) {
    return `${folder}: ${(error as Error).message}`
  }
}
