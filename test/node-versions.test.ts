import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const nodeOf = (folder: string): string => JSON.parse(read(join(folder, 'package.json'))).engines?.node

// Two numbers, each written in one place. The root's package.json has the Node that a machine must have: npm and the launcher of the bulkhead
// command run on it. The chassis's has the Node that the code runs on, which node_modules and the images have.
describe('the declared Node versions', () => {
  const ofMachine = nodeOf('.').replace('>=', '')
  const ofCode = nodeOf('packages/chassis')

  it('are the same for all parts that run on the Node of node_modules', () => {
    const parts = globSync('{bench,packages/*,services/*,packages/cli/templates/*}/package.json', { cwd: root })
    const other = parts.filter(part => nodeOf(dirname(part)) !== ofCode)
    assert.deepEqual(other, [], `their engines.node is not ${ofCode}`)
  })

  it('include the Node that runs the tests and the services', () => {
    const [major, minor] = ofCode.replace('>=', '').split('.').map(Number)
    const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number)
    assert.ok(ourMajor! > major! || (ourMajor === major && ourMinor! >= minor!), process.version)
  })

  it('are the ones that README.md names', () => {
    assert.ok(read('README.md').includes(`Node.js ${ofMachine} or newer`))
  })

  it('are checked by setup.sh, which names what to install', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-setup-'))
    try {
      cpSync(join(root, 'scripts/setup.sh'), join(folder, 'scripts/setup.sh'))
      writeFileSync(join(folder, 'package.json'), '{ "engines": { "node": ">=99.5" } }\n')
      const { status, stderr } = spawnSync(join(folder, 'scripts/setup.sh'), { encoding: 'utf8' })
      assert.equal(status, 1)
      assert.match(stderr, /^setup: Node\.js v\S+ is too old\. Install 99\.5 or newer: https:\/\/nodejs\.org/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
