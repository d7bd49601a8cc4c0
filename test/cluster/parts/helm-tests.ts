import type { Part } from '../part.ts'

const SECONDS = 90
const LIMIT = (SECONDS + 30) * 1_000
/** Maximum number of tests that run at the same time, because each one starts a pod. */
const AT_ONCE = 3

/** Runs `helm test` for every release that has tests: all except the platform. */
export const helmTests: Part = {
  name: 'helm test of every release',
  async run({ cluster, stack, say }) {
    const releases = (await cluster.helm(['list', '--short'])).split('\n').filter(Boolean)
    const expected = stack.services.flatMap(({ name, store }) => [name, ...(store === 'none' ? [] : [`${name}-store`])])
    const findings = ['platform', 'event-log', ...expected]
      .filter(name => !releases.includes(name))
      .map(name => `the release ${name} is missing`)
    const waiting = releases.filter(name => name !== 'platform')
    const worker = async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) {
        const done = cluster.helm(['test', name, '--timeout', `${SECONDS}s`], LIMIT)
        const output = await done.catch(error => void findings.push(`${name}: ${(error as Error).message}`))
        if (output && !/Phase: +Succeeded/.test(output)) findings.push(`${name} has no successful test`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    say(`    ${releases.length} releases`)
    return findings
  }
}
