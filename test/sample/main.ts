import { join } from 'node:path'
import { readStack } from '../../packages/cli/src/services/stack.ts'
import { changedServices } from './changed-services.ts'
import { type Piece, sampleOf, secondsOf } from './sample.ts'
import { type SuiteName, suiteNames, suites } from './suites.ts'

// main.ts SUITE: prints the sample of a suite that the hash SAMPLE chooses, as a value for ONLY. Standard error lists its parts and the
// command that repeats it. CHANGED (a,b) names the changed services. If it is not set, git finds them: those of the commits after BASE, or
// of the last commits.
const { SAMPLE: hash = '', CHANGED, BASE } = process.env
const root = join(import.meta.dirname, '../..')
const suite = process.argv[2] as SuiteName
const say = (line: string) => console.error(`${suite}: ${line}`)
const fail = (line: string): never => {
  say(line)
  process.exit(2)
}

if (!suiteNames.includes(suite)) fail(`no suite to sample. Give one of ${suiteNames.join(', ')}`)
if (!/^[\w.-]+$/.test(hash))
  fail('SAMPLE chooses the sample. Give the hash of a commit, such as SAMPLE=$(git rev-parse HEAD)')
const stack = readStack(root, 4000)
const services = stack.services.map(({ name }) => name)
const changed = CHANGED === undefined ? changedServices(root, services, BASE) : CHANGED.split(',').filter(Boolean)
const unknown = changed.filter(name => !services.includes(name))
if (unknown.length > 0) fail(`CHANGED has ${unknown.join(', ')}. The services are ${services.join(', ')}`)

const { always, pieces, budget } = suites[suite](stack)
const sample = sampleOf(pieces, hash, changed, budget)
const chosen = pieces.filter(piece => [...sample.any, ...sample.changed].includes(piece))
say(`a sample of ${chosen.length} of ${pieces.length} parts, about ${Math.round(secondsOf(chosen))} s. Repeat it with:`)
say(`  SAMPLE=${hash} CHANGED=${changed.join(',')} make ${suite}`)
list('by the hash', sample.any)
list(changed.length > 0 ? `as ${changed.join(', ')} changed` : 'as no service is known to have changed', sample.changed)
if (always.length > 0) say(`and ${always.length} parts that always run`)
process.stdout.write([...always, ...chosen.map(({ only }) => only)].join('|'))

function list(why: string, chosen: Piece[]) {
  say(`${chosen.length} ${why}${chosen.length > 0 ? ':' : ''}`)
  for (const { only } of chosen) say(`  ${only}`)
}
