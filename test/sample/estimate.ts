import { join } from 'node:path'
import { readStack } from '../../packages/cli/src/services/stack.ts'
import { estimate, plan, secondsOfPart } from './plan.ts'

// estimate.ts [all]: prints how long each part of `.ci/run` takes on two idle cores. With `all`, suites run complete, and not as samples.
const isWhole = process.argv[2] === 'all'
const services = readStack(join(import.meta.dirname, '../..'), 4000).services.length
const minutes = (seconds: number) => Math.round(seconds / 60)
const [cached, uncached] = [true, false].map(hasCaches => estimate({ services, isWhole, hasCaches }))

for (const part of plan) {
  const seconds = secondsOfPart(part, { services, isWhole, hasCaches: true })
  if (seconds > 0) console.log(`${String(seconds).padStart(5)} s  ${part.name}`)
}
console.log(`About ${minutes(cached!)} min in all on 2 idle cores, ${minutes(uncached!)} where nothing is cached yet.`)
