import type { Command } from '../command.ts'
import { Failure } from '../failure.ts'
import { newService, TEMPLATES } from '../new-service.ts'
import { localUrl, readStack } from '../stack.ts'
import { table } from '../table.ts'

/** `bulkhead new service NAME` */
export const newServiceCommand: Command = {
  usage: 'new service NAME --store mongo|redis|none',
  summary: 'make a small complete service, with tests, to start from',
  details: `--store mongo   items in MongoDB: create, read, list, change and remove guarded by an ETag, events
--store redis   the same in Redis
--store none    one stateless operation

The runner, the gateway and the checks find a service by its folder; skaffold.yaml and charts/platform are generated anew with it.`,
  examples: [
    ['bulkhead new service notes --store mongo', 'services/notes, with records in MongoDB'],
    ['bulkhead new service word-counts --store none', 'services/word-counts, without state']
  ],
  options: { store: { type: 'string' } },
  async run({ stack, words: [name = ''], options: { store } }) {
    const template = TEMPLATES.find(known => known === store)
    if (!template)
      throw new Failure(
        store === undefined ? '--store is missing' : `--store is "${store}"`,
        `Give --store ${TEMPLATES.join(', or --store ')}`
      )
    const files = await newService(stack, name, template)
    const { ports } = readStack(stack.root, stack.portBase).services.find(service => service.name === name)!
    const url = `${localUrl(stack.portBase)}/api/v1/${name}/${template === 'none' ? 'word-counts' : 'items'}`
    const body = template === 'none' ? ` -H 'Content-Type: application/json' -d '{"text":"two words"}'` : ''
    console.log(`Made services/${name}, on port ${ports.api}:
${files.map(file => `  ${file}`).join('\n')}
Generated anew: skaffold.yaml and charts/platform

Next:
${nextSteps(name, `curl ${url}${body}`)}`)
    return 0
  }
}

const nextSteps = (name: string, call: string) =>
  table([
    [`  npx mocha "services/${name}/test/*.test.ts"`, 'run its tests'],
    ['  make up', 'start it with the others; `make down` first where they run'],
    ['  make format generate', 'after a change, in this order'],
    ['  npm install', 'add it to package-lock.json'],
    ['  npx mocha test/services.test.ts', 'see that its README names its events and variables'],
    [`  ${call}`, 'call it through the gateway']
  ])
