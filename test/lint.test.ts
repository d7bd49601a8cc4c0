import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const REPOSITORY = join(import.meta.dirname, '..')
const BIOME = join(REPOSITORY, 'node_modules/@biomejs/biome/bin/biome')

describe("the repository's own lint rules", () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bulkhead-lint-'))
    for (const file of ['biome.json', '.gitignore', 'lint']) {
      cpSync(join(REPOSITORY, file), join(root, file), { recursive: true })
    }
  })
  afterEach(() => rmSync(root, { recursive: true }))

  /** The places, as `<line>: <message>`, that the rules refuse in a file. */
  function refused(file: string, lines: string[]) {
    const path = join(root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${lines.join('\n')}\n`)
    const call = [BIOME, 'lint', '--reporter=github', file]
    const { stdout } = spawnSync(process.execPath, call, { cwd: root, encoding: 'utf8' })
    return [...stdout.matchAll(/title=plugin,.*?line=(\d+),.*?::(.*)/g)].map(
      ([, line, message]) => `${line}: ${message}`
    )
  }

  const unnamed = [
    'export const make = () => ({ size: 1 })',
    'export type Made = ReturnType<typeof make>',
    'export type MadeLater = Awaited<ReturnType<typeof make>>',
    'export const again = (...args: Parameters<typeof make>) => make(...args)'
  ]

  it('refuse types in src that are taken from a function instead of having a name', () => {
    const message = 'Give this type a name: declare it, and have the function return or accept it.'
    assert.deepEqual(refused('services/light/src/make.ts', unnamed), [
      `2: ${message}`,
      `3: ${message}`,
      `4: ${message}`
    ])
  })

  it('allow such types in tests', () => {
    assert.deepEqual(refused('services/light/test/make.ts', unnamed), [])
  })

  it('refuse a literal that is spread into another', () => {
    const lines = ['export const size = { ...{ width: 1 }, height: 2 }', 'export const items = [...[1], 2]']
    const message = 'Write out the fields or items of this literal where it is spread.'
    assert.deepEqual(refused('services/light/test/size.ts', lines), [`1: ${message}`, `2: ${message}`])
  })
})
