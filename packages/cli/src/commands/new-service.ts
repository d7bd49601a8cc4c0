import { relative } from 'node:path'
import type { Command } from '../command-line/command.ts'
import { Failure } from '../failure.ts'
import { newService, type Plan, TEMPLATES } from '../generator/new-service.ts'
import { nounOf } from '../generator/noun.ts'
import { OWNERS } from '../generator/optional-parts.ts'
import { prefixesOf } from '../generator/prefixes.ts'
import { table } from '../output/table.ts'
import { localUrl, readStack, type Stack } from '../services/stack.ts'
import { demoTokenFile } from '../tokens/tokens.ts'

/** `bulkhead new service NAME` */
export const newServiceCommand: Command = {
  usage: 'new service NAME --store mongo|redis|none [--item NOUN] [--items NOUNS] [--owner customer|staff|public]',
  summary: 'make a small complete service with tests and a chart, as a starting point',
  details: `--store mongo      keeps items in MongoDB: create, get, list, change, remove
--store redis      keeps items in Redis: create, get, list, remove
--store none       keeps no data: one operation that makes an item from a text

--item wish        the noun in every file, singular (default: item)
--items wishes     the plural of the noun, if it is irregular

--owner customer   each item belongs to the customer who created it; staff read all. The default with a store. Such a service erases
                   the items of an erased customer. With MongoDB it also calls catalog, and handles an event of catalog
--owner staff      only staff read and write
--owner public     anyone reads, staff write. The default with --store none, whose operation is then for anyone

The runner, the gateway and the checks find a service by its folder. The command updates skaffold.yaml, charts/platform and package-lock.json.
\`bulkhead remove service NAME\` removes everything again.`,
  examples: [
    ['bulkhead new service wishlist --store mongo --item wish', "each customer's wishes, in MongoDB"],
    ['bulkhead new service notices --store redis --item notice --owner public', 'notices of staff for everyone'],
    ['bulkhead new service quotes --store none --item quote', 'one operation, without a store']
  ],
  options: {
    store: { type: 'string' },
    item: { type: 'string', default: 'item' },
    items: { type: 'string' },
    owner: { type: 'string' }
  },
  async run({ stack, words: [name = ''], options }) {
    const template = oneOf('store', options.store, TEMPLATES)
    const owner = oneOf('owner', options.owner ?? (template === 'none' ? 'public' : 'customer'), OWNERS)
    const plural = options.items === undefined ? undefined : String(options.items)
    const noun = nounOf(String(options.item), plural, prefixesOf(stack))
    const plan = { name, template, noun, owner }
    const files = await newService(stack, plan)
    const { ports } = readStack(stack.root, stack.portBase).services.find(service => service.name === name)!
    console.log(`Made services/${name}, on port ${ports.api}:
${files.map(file => `  ${file}`).join('\n')}
Updated: skaffold.yaml, charts/platform and package-lock.json. \`npm install\` is not needed.

Next:
${nextSteps(plan)}

Call it through the gateway while the stack runs:
  ${exampleCall(stack, plan)}`)
    return 0
  }
}

function oneOf<Word extends string>(option: string, given: unknown, words: readonly Word[]): Word {
  const found = words.find(word => word === given)
  if (found) return found
  throw new Failure(
    given === undefined ? `--${option} is missing` : `--${option} is "${given}"`,
    `Give --${option} ${words.join(`, or --${option} `)}`
  )
}

const nextSteps = ({ name }: Plan) =>
  table([
    [`  make test SERVICE=${name}`, 'run its tests'],
    ['  make up', 'start it with the others'],
    ['  make format generate', 'after a change, in this order'],
    ['  make verify', 'before a commit'],
    [`  node packages/cli/bin/bulkhead.js remove service ${name}`, 'undo it']
  ])

/** Returns a curl command that creates an item as the demo customer or the demo staff. The runner keeps their tokens in files. */
function exampleCall(stack: Stack, { name, template, noun, owner }: Plan): string {
  const role = owner === 'customer' ? 'customer' : 'staff'
  const isOpen = template === 'none' && owner === 'public'
  const token = `-H "Authorization: Bearer $(cat ${relative(process.cwd(), demoTokenFile(stack, role))})" `
  const body = template === 'none' ? '{"text":"two words"}' : '{"title":"First"}'
  const url = `${localUrl(stack.portBase)}/api/v1/${name}/${noun.plural}`
  return `curl ${isOpen ? '' : token}-H 'Content-Type: application/json' -d '${body}' ${url}`
}
