import type { Ask, Story } from '@bulkhead/testing/story'
import { contractOf } from '../services/needs.ts'
import { serviceExport } from '../services/service-export.ts'
import type { Stack } from '../services/stack.ts'
import { gatewaySteps, referenceSteps } from './gateway.ts'
import type { NamedSteps } from './run.ts'

type Stories = {
  stories: NamedSteps[]
  /** The names of the services without a story. */
  withoutStory: string[]
}

/** Reads the stories of a stack: the gateway's, then the one of each service that has a test/smoke.ts, in the stack's order. */
export async function storiesOf(stack: Stack, ask: Ask): Promise<Stories> {
  const services = stack.services.map(({ name }) => name).filter(name => name !== 'gateway')
  const handlersOf = (event: string) =>
    services.filter(name => contractOf(stack, name)?.handles?.includes(event)).sort()
  const stories = [
    { story: 'gateway', steps: gatewaySteps(ask, services) },
    { story: 'reference', steps: referenceSteps(ask, services) }
  ]
  const withoutStory: string[] = []
  for (const name of services) {
    const story = await serviceExport<Story>(stack, name, 'test/smoke.ts', 'story')
    if (story) stories.push({ story: name, steps: story({ ask, handlersOf }) })
    else withoutStory.push(name)
  }
  return { stories, withoutStory }
}
