import { deployedOf } from '../cluster/deployed.ts'
import { connectCluster } from '../cluster/kubectl.ts'
import { openClusterShop } from '../cluster/shop.ts'
import type { Command } from '../command.ts'
import { runFile } from '../run.ts'
import { readRunRecord } from '../run-record.ts'
import { localShop } from '../shop.ts'
import { askGateway, requireAnswer } from '../smoke/ask.ts'
import { runStories, type StepResult } from '../smoke/run.ts'
import { storiesOf } from '../smoke/stories.ts'
import type { Stack } from '../stack.ts'

const IS_UP = 'Is the stack up? make status'
const MARKS = { passed: '✔', failed: '✘', skipped: '-' }

/** `bulkhead smoke` */
export const smokeCommand: Command = {
  usage: 'smoke [--cluster] [--namespace NAME] [--json]',
  summary: 'try the main job of each service that runs, over HTTP through the gateway',
  details: `--cluster          what is deployed in a cluster, through its Gateway, in place of the stack on this machine
--namespace NAME   of that installation: bulkhead when not given
--json             the steps as data

The steps of a service are in services/NAME/test/smoke.ts; one without them is named: others use it. Exits with 1 when a step fails, and says
what it expected and what came. What it makes is archived or removed where a service can do that: orders, payments and stock stay.`,
  examples: [
    ['bulkhead up --detach && bulkhead smoke', 'start the stack and try it'],
    ['PORT_BASE=8000 bulkhead smoke', 'try the one on other ports'],
    ['bulkhead smoke --cluster', 'try what `bulkhead deploy` installed']
  ],
  options: {
    cluster: { type: 'boolean' },
    namespace: { type: 'string', default: 'bulkhead' },
    json: { type: 'boolean' }
  },
  async run({ stack, options, environment }) {
    const say = (line: string) => {
      if (!options.json) console.log(line)
    }
    const tried = options.cluster
      ? await installation(stack, environment, String(options.namespace))
      : await runningStack(stack)
    const { stories, untold } = await storiesOf(tried.stack, tried.ask)
    const names = tried.stack.services.map(({ name }) => name)
    const notStarted = options.cluster
      ? []
      : stack.services.map(({ name }) => name).filter(name => !names.includes(name))
    const steps = await runStories(stories, result => say(lineOf(result)))
    const without = (name: string, why: string) => say(`${MARKS.skipped} ${''.padStart(8)}  ${name} (${why})`)
    for (const name of untold) without(name, 'no steps of its own')
    for (const name of notStarted) without(name, 'made since the stack was started: make down, make up')
    const count = (wanted: StepResult['result']) => steps.filter(({ result }) => result === wanted).length
    const passed = count('passed') === steps.length
    say(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
    if (options.json) console.log(JSON.stringify({ passed, steps, noStory: untold, notStarted }, undefined, 2))
    return passed ? 0 : 1
  }
}

async function runningStack(stack: Stack) {
  const shop = localShop(stack)
  await requireAnswer(shop, IS_UP)
  // One that was started and died is tried, and fails.
  const started = readRunRecord(runFile(stack))?.services.map(({ name }) => name)
  const services = stack.services.filter(({ name }) => !started || started.includes(name))
  return { stack: { ...stack, services }, ask: askGateway(shop, IS_UP) }
}

async function installation(stack: Stack, environment: NodeJS.ProcessEnv, namespace: string) {
  const cluster = await connectCluster(stack.root, environment, namespace)
  const shop = await openClusterShop(cluster)
  const ask = askGateway(shop, `Do its pods run? kubectl get pods --namespace ${namespace}`)
  return { stack: await deployedOf(stack, cluster), ask }
}

const lineOf = ({ story, step, result, milliseconds, problem }: StepResult) =>
  `${MARKS[result]} ${`${milliseconds} ms`.padStart(8)}  ${story} ${step}${problem ? `\n    ${problem}` : ''}`
