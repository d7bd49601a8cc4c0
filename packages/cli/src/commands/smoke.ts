import { connectCluster } from '../cluster/kubectl.ts'
import { openClusterShop } from '../cluster/shop.ts'
import type { Command } from '../command.ts'
import { localShop, type Shop } from '../shop.ts'
import { askGateway } from '../smoke/ask.ts'
import { cartSteps } from '../smoke/cart.ts'
import { catalogSteps } from '../smoke/catalog.ts'
import { gatewaySteps, referenceSteps } from '../smoke/gateway.ts'
import { identitySteps } from '../smoke/identity.ts'
import { inventorySteps } from '../smoke/inventory.ts'
import { orderSteps } from '../smoke/orders.ts'
import { runStories, type StepResult, type Story } from '../smoke/run.ts'
import type { Stack } from '../stack.ts'

const MARKS = { passed: '✔', failed: '✘', skipped: '-' }

/** `bulkhead smoke` */
export const smokeCommand: Command = {
  usage: 'smoke [--cluster] [--namespace NAME] [--json]',
  summary: 'try the main job of a stack that runs, over HTTP through the gateway',
  details: `--cluster          an installation in a cluster, through its Gateway, in place of the stack on this machine
--namespace NAME   of that installation: bulkhead when not given
--json             the steps as data

Exits with 1 when a step fails, and says what it expected and what came. It archives what it makes.`,
  examples: [
    ['bulkhead up --detach && bulkhead smoke', 'start the stack and try it'],
    ['PORT_BASE=5000 bulkhead smoke', 'try the one on other ports'],
    ['bulkhead smoke --cluster', 'try what `bulkhead deploy` installed']
  ],
  options: {
    cluster: { type: 'boolean' },
    namespace: { type: 'string', default: 'bulkhead' },
    json: { type: 'boolean' }
  },
  async run({ stack, options, environment }) {
    const show = (result: StepResult) => {
      if (!options.json) console.log(lineOf(result))
    }
    const shop = options.cluster
      ? await openClusterShop(await connectCluster(stack.root, environment, String(options.namespace)))
      : localShop(stack)
    const steps = await runStories(storiesOf(stack, shop), show)
    const count = (wanted: StepResult['result']) => steps.filter(({ result }) => result === wanted).length
    const passed = count('passed') === steps.length
    const summary = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`
    console.log(options.json ? JSON.stringify({ passed, steps }, undefined, 2) : `\n${summary}`)
    return passed ? 0 : 1
  }
}

/** The stories of the gateway, and one for each service that has one and is part of the stack. */
function storiesOf(stack: Stack, { address, tokens }: Shop): Story[] {
  const ask = askGateway(address, tokens)
  const services = stack.services.map(({ name }) => name).filter(name => name !== 'gateway')
  const stories = [
    { name: 'catalog', steps: catalogSteps(ask) },
    { name: 'cart', steps: cartSteps(ask) },
    { name: 'identity', steps: identitySteps(ask) },
    { name: 'inventory', steps: inventorySteps(ask) },
    { name: 'orders', steps: orderSteps(ask) }
  ]
  return [
    { name: 'gateway', steps: gatewaySteps(ask) },
    { name: 'reference', steps: referenceSteps(ask, services) },
    ...stories.filter(({ name }) => services.includes(name))
  ]
}

const lineOf = ({ story, step, result, milliseconds, problem }: StepResult) =>
  `${MARKS[result]} ${`${milliseconds} ms`.padStart(8)}  ${story} ${step}${problem ? `\n    ${problem}` : ''}`
