import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bulkhead } from './runner.ts'

export const REPOSITORY = join(import.meta.dirname, '../../..')
/** The files that `new service` reads in addition to its templates. */
export const COPIED = [
  'package.json',
  'package-lock.json',
  'biome.json',
  'lint/spread-literal.grit',
  'lint/named-types.grit',
  '.gitignore'
]

/** Creates a repository without services. It has links to the packages of this repository. */
export function generatorRepository() {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-generator-'))
  for (const file of COPIED) cpSync(join(REPOSITORY, file), join(root, file))
  const modules = join(REPOSITORY, 'node_modules')
  mkdirSync(join(root, 'node_modules/@bulkhead'), { recursive: true })
  for (const name of readdirSync(modules).filter(each => each !== '@bulkhead' && each !== '.package-lock.json')) {
    symlinkSync(join(modules, name), join(root, 'node_modules', name))
  }
  for (const name of ['chassis', 'testing']) {
    symlinkSync(join(REPOSITORY, 'packages', name), join(root, 'node_modules/@bulkhead', name))
  }
  symlinkSync(join(REPOSITORY, 'packages'), join(root, 'packages'))
  const configuration = { extends: join(REPOSITORY, 'tsconfig.json'), include: ['services'] }
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(configuration))
  mkdirSync(join(root, 'services'))
  mkdirSync(join(root, 'charts'))
  mkdirSync(join(root, 'k8s/monitoring'), { recursive: true })
  for (const name of ['common', 'platform'])
    cpSync(join(REPOSITORY, 'charts', name), join(root, 'charts', name), COPYING)

  /** Runs the command. Resolves with its exit code and its output. */
  async function run(...words: string[]) {
    const command = bulkhead(root, 4000, ...words)
    return { code: await command.ended, output: command.output() }
  }
  return { root, run, remove: () => rmSync(root, { recursive: true }) }
}

const COPYING = { recursive: true, verbatimSymlinks: true }
