import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const nodeOf = (folder: string): string => JSON.parse(read(join(folder, 'package.json'))).engines?.node

// The root's package.json has the minimum version of the machine's Node, which runs npm and the launcher of the bulkhead command. The
// package.json of the chassis has the version of the Node that runs the code. That Node is in node_modules and in the images.
describe('the declared Node versions', () => {
  const ofMachine = nodeOf('.').replace('>=', '')
  const ofCode = nodeOf('packages/chassis')

  it('are equal for all packages that run on the Node of node_modules', () => {
    const parts = globSync('{bench,packages/*,services/*,packages/cli/templates/*}/package.json', { cwd: root })
    const other = parts.filter(part => nodeOf(dirname(part)) !== ofCode)
    assert.deepEqual(other, [], `their engines.node is not ${ofCode}`)
  })

  it('include the Node that runs the tests and the services', () => {
    const [major, minor] = ofCode.replace('>=', '').split('.').map(Number)
    const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number)
    assert.ok(ourMajor! > major! || (ourMajor === major && ourMinor! >= minor!), process.version)
  })

  it('are in README.md', () => {
    assert.ok(read('README.md').includes(`Node.js ${ofMachine} or newer`))
  })

  it('are checked by setup.sh, which names the version to install', () => {
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
